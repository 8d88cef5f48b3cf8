import { randomBytes } from 'node:crypto';
import type { ConsumedRecord, OutgoingRecord } from '@bridge/kafka';
import { cloudEventHeaders, eventTypes, recordKey, sendResultSchema } from '@bridge/schemas';
import type { OutgoingMessage, SendCommand, SendResult } from '@bridge/schemas';
import { person } from './private-values.ts';

/** A command of the contact that all journeys share, with an id of its own. */
export function sendCommand(given: {
  connection: string;
  conversation: string;
  message: OutgoingMessage | string;
  id?: string;
}): SendCommand {
  const { connection, conversation, message, id = randomBytes(8).toString('hex') } = given;
  return {
    id,
    connection,
    conversation: { id: conversation },
    contact: { id: 'cliente-77', ...person },
    message: typeof message === 'string' ? { kind: 'text', text: message } : message,
  };
}

export const newTraceparent = () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;

/** The record of a command, as an internal service publishes it. */
export function commandRecord(topic: string, command: SendCommand, traceparent = newTraceparent()): OutgoingRecord {
  const { id, connection, conversation } = command;
  return {
    topic,
    key: recordKey({ connection, conversationId: conversation.id }),
    value: JSON.stringify(command),
    headers: cloudEventHeaders({
      id,
      type: eventTypes.sendCommand,
      source: '/journeys',
      subject: conversation.id,
      time: new Date().toISOString(),
      traceparent,
    }),
  };
}

/** The result that a record of send-results holds. */
export function resultOf(record: ConsumedRecord): SendResult {
  return sendResultSchema.parse(JSON.parse(record.value ?? ''));
}

/** The results of one command among the records of send-results. */
export function resultsOf(records: ConsumedRecord[], commandId: string): SendResult[] {
  return records.map(resultOf).filter((result) => result.commandId === commandId);
}
