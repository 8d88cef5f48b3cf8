import type { ConsumedRecord } from '@bridge/kafka';
import { parseJson, sendCommandSchema } from '@bridge/schemas';
import type { SendCommand } from '@bridge/schemas';

/** What of a command that cannot be read still tells whose it is. */
export type CommandIdentity = { id?: string; connection?: string; conversation?: { id: string } };

export type ReadCommand =
  { kind: 'command'; command: SendCommand } | { kind: 'invalid'; identity: CommandIdentity; error: string };

/** Reads a record of send-commands. One that is no command still gives what it has of an identity, for its result. */
export function readSendCommand(record: ConsumedRecord): ReadCommand {
  const value = readJson(record.value);
  if (value.kind === 'invalid') return { kind: 'invalid', identity: {}, error: value.error };
  const parsed = sendCommandSchema.safeParse(value.json);
  if (parsed.success) return { kind: 'command', command: parsed.data };
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'value'}: ${message}`);
  return { kind: 'invalid', identity: identityOf(value.json), error: faults.join('; ') };
}

function readJson(value: string | null): { kind: 'read'; json: unknown } | { kind: 'invalid'; error: string } {
  if (value === null) return { kind: 'invalid', error: 'the record has no value' };
  try {
    return { kind: 'read', json: parseJson(value) };
  } catch (error) {
    return { kind: 'invalid', error: error instanceof Error ? error.message : String(error) };
  }
}

function identityOf(json: unknown): CommandIdentity {
  const { id, connection, conversation } = (json ?? {}) as Record<string, unknown>;
  const { id: conversationId } = (conversation ?? {}) as Record<string, unknown>;
  return {
    ...(typeof id === 'string' && id !== '' && id.length <= 512 && { id }),
    ...(typeof connection === 'string' && { connection }),
    ...(typeof conversationId === 'string' &&
      conversationId !== '' &&
      conversationId.length <= 512 && { conversation: { id: conversationId } }),
  };
}
