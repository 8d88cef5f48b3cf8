import { deadLetterRecord } from '@bridge/kafka';
import type { ConsumedRecord, OutgoingRecord } from '@bridge/kafka';
import { cloudEventHeaders, eventTypes } from '@bridge/schemas';
import type { SendResult } from '@bridge/schemas';
import type { Delivery } from './deliver-send-command.ts';

type Settled = Extract<Delivery, { kind: 'settled' }>;

/**
 * The records that tell what became of a command: its dead letter, if there is one, then its result. The result lies in
 * the partition of its command, under the same key; a command without an id has none.
 */
export function mapDelivery(
  delivery: Settled,
  record: ConsumedRecord,
  context: { sendResults: string; deadLetters: string; traceparent: string; now: Date },
): OutgoingRecord[] {
  const { sendResults, deadLetters, now } = context;
  const records: OutgoingRecord[] = [];
  if (delivery.deadLetter) {
    const { attempts, firstFailedAt = now } = delivery;
    const letter = { topic: deadLetters, record, stage: 'outbound', attempts, firstFailedAt } as const;
    records.push(deadLetterRecord({ ...letter, ...delivery.deadLetter }));
  }
  const result = resultOf(delivery, now);
  if (result) {
    records.push({
      topic: sendResults,
      partition: record.partition,
      key: record.rawKey,
      value: JSON.stringify(result),
      headers: resultHeaders(result, record, context.traceparent),
    });
  }
  return records;
}

function resultOf({ identity, outcome, attempts, status, reason }: Settled, now: Date): SendResult | undefined {
  const { id, connection, conversation } = identity;
  if (id === undefined) return undefined;
  return {
    commandId: id,
    ...(connection !== undefined && { connection }),
    ...(conversation && { conversation: { id: conversation.id } }),
    outcome,
    attempts,
    ...(status !== undefined && { status }),
    ...(reason !== undefined && { reason }),
    at: now.toISOString(),
  };
}

function resultHeaders(result: SendResult, record: ConsumedRecord, traceparent: string): Record<string, string> {
  const replays = record.headers['x-dead-letter-replays'] ?? '0';
  return {
    ...cloudEventHeaders({
      id: `${record.partition}-${record.offset}-${replays}`,
      type: eventTypes.sendResult,
      source: `/connections/${result.connection ?? 'unknown'}`,
      subject: result.commandId,
      time: result.at,
      traceparent,
    }),
    'x-command-offset': record.offset,
    'x-command-replays': replays,
  };
}
