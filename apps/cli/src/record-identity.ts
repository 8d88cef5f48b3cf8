import type { ConsumedRecord } from '@bridge/kafka';

/** Which connection and conversation a record belongs to, as far as it says. */
export type RecordIdentity = { connection?: string; conversation?: string };

/**
 * Taken from the value, whose fields every payload of the bridge names alike; for a value that is not the bridge's (a
 * dead letter may hold anything) from the key, `<connection>/<conversation id>` with percent-encoded ids.
 */
export function recordIdentity(record: ConsumedRecord, value: unknown): RecordIdentity {
  return { ...identityOfKey(record.key), ...identityOfValue(value) };
}

function identityOfKey(key: string | null): RecordIdentity {
  const [connection, conversation, ...rest] = (key ?? '').split('/');
  if (!connection || conversation === undefined) return {};
  // `<connection>/contact/<id>` and `<connection>/event/<id>` belong to no conversation.
  return rest.length > 0 ? { connection } : { connection, conversation: decoded(conversation) };
}

function identityOfValue(value: unknown): RecordIdentity {
  if (typeof value !== 'object' || value === null) return {};
  const { connection, conversation } = value as { connection?: unknown; conversation?: { id?: unknown } | null };
  const id = conversation?.id;
  return {
    ...(typeof connection === 'string' && { connection }),
    ...(typeof id === 'string' && { conversation: id }),
  };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
