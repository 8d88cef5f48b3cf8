import type { KafkaMessage } from 'kafkajs';
import { consumedRecord } from './records.ts';
import { FetchedRecord } from './wire/decode-record-batches.ts';

/** Of a block. What waits in a lane goes from its front, so that at most one block a lane is kept for less than it holds. */
const blockBytes = 8 << 10;

/**
 * The same messages with bytes of their own. What was fetched are slices of one response: one small message that waits keeps
 * megabytes of others in memory. Neighbours share a block, because memory for each alone costs as much as a third of
 * a usual message. They should be of one lane. A broker before Kafka 2.3 is read by kafkajs itself: its messages stay as they are.
 */
export function ownMessages(messages: KafkaMessage[]): KafkaMessage[] {
  if (!messages.every((message) => message instanceof FetchedRecord)) return messages;
  const own: FetchedRecord[] = [];
  for (let start = 0; start < messages.length;) {
    let end = start;
    let bytes = 0;
    do {
      bytes += messages[end]?.sizeBytes ?? 0;
      end += 1;
    } while (end < messages.length && bytes + (messages[end]?.sizeBytes ?? 0) <= blockBytes);
    own.push(...FetchedRecord.copy(messages.slice(start, end), bytes));
    start = end;
  }
  return own as object[] as KafkaMessage[];
}

/** Of key, value and headers, in the form in which they came. */
export const bytesOf = (message: KafkaMessage): number =>
  message instanceof FetchedRecord ? message.sizeBytes : consumedRecord('', 0, message).sizeBytes;
