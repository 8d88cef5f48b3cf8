import type { ConsumedRecord } from '@bridge/kafka';
import { parseJson, recordKey, sendCommandSchema } from '@bridge/schemas';
import type { SendCommand } from '@bridge/schemas';

/** What of a command that cannot be read still tells whose it is. */
export type CommandIdentity = { id?: string; connection?: string; conversation?: { id: string } };

export type ReadCommand =
  { kind: 'command'; command: SendCommand } | { kind: 'invalid'; identity: CommandIdentity; error: string };

const maxKeyShown = 300;

/** Reads a record of send-commands. One that is no command still gives what it has of an identity, for its result. */
export function readSendCommand(record: ConsumedRecord): ReadCommand {
  const value = readJson(record.value);
  if (value.kind === 'invalid') return { kind: 'invalid', identity: {}, error: value.error };
  const parsed = sendCommandSchema.safeParse(value.json);
  if (parsed.success) return judgeKey(parsed.data, record.key);
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'value'}: ${message}`);
  return { kind: 'invalid', identity: identityOf(value.json), error: faults.join('; ') };
}

/** Order, and what is a duplicate, go by the key: under another one both would be lost without a word. */
function judgeKey(command: SendCommand, key: string | null): ReadCommand {
  const due = recordKey({ connection: command.connection, conversationId: command.conversation.id });
  if (key === due) return { kind: 'command', command };
  const found = key === null ? 'missing' : JSON.stringify(key.slice(0, maxKeyShown));
  const error = `the record's key is ${found}, and should be ${JSON.stringify(due.slice(0, maxKeyShown))}`;
  return { kind: 'invalid', identity: command, error };
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
