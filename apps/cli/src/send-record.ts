import type { OutgoingRecord } from '@bridge/kafka';
import { cloudEventHeaders, eventTypes, recordKey, stringifyJson } from '@bridge/schemas';
import type { SendCommand } from '@bridge/schemas';

/** A send command as a record for `topic`: keyed by its conversation, with CloudEvents headers and trace context. */
export function sendRecord(
  command: SendCommand,
  { topic, at, traceparent }: { topic: string; at: Date; traceparent: string },
): OutgoingRecord & { key: string } {
  const { id, connection, conversation } = command;
  return {
    topic,
    key: recordKey({ connection, conversationId: conversation.id }),
    value: stringifyJson(command),
    headers: cloudEventHeaders({
      id,
      type: eventTypes.sendCommand,
      source: '/bridge/cli',
      subject: conversation.id,
      time: at.toISOString(),
      traceparent,
    }),
  };
}
