import type { OutgoingRecord } from '@bridge/kafka';
import { cloudEventHeaders, eventTypes, recordKey, stringifyJson } from '@bridge/schemas';
import type { SendCommand } from '@bridge/schemas';
import { fill } from '../load/webhooks.ts';
import { beginMessage } from '../sink/read-call.ts';

const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-00';

/** Conversations are dealt to the connections in turn. */
export type CommandLoad = {
  /** Begins the ids: commands of the same id are the same command. */
  name?: string;
  connections: string[];
  conversations: number;
  sizeBytes: number;
};

/** Command number `index`: the conversations take turns, and each one's messages count from 0. */
export function commandRecord(topic: string, load: CommandLoad, index: number, sentAtMs?: number): OutgoingRecord {
  const { connections, conversations, sizeBytes } = load;
  const id = `${load.name ?? 'command'}-${index}`;
  const number = index % conversations;
  const connection = connections[number % connections.length] ?? '';
  const conversationId = String(1_000 + number);
  const write = (text: string) =>
    stringifyJson({
      id,
      connection,
      conversation: { id: conversationId },
      contact: { id: `cliente-${conversationId}`, name: 'Ana Souza', email: '', phone: '+5511955550100' },
      message: { kind: 'text', text },
    } satisfies SendCommand);
  const start = `${beginMessage(Math.floor(index / conversations), sentAtMs)}Olá! `;
  return {
    topic,
    key: recordKey({ connection, conversationId }),
    value: write(start + fill(sizeBytes - Buffer.byteLength(write(start)))),
    headers: cloudEventHeaders({
      id,
      type: eventTypes.sendCommand,
      source: '/bench',
      subject: conversationId,
      time: new Date().toISOString(),
      traceparent,
    }),
  };
}
