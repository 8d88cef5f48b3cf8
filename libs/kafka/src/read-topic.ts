import type { KafkaClient } from './connect-kafka.ts';
import { topicRanges } from './read-range.ts';
import { startReader } from './reader.ts';
import type { Reader } from './reader.ts';
import type { ConsumedRecord } from './records.ts';

/** The largest offset there can be. */
const never = 2n ** 63n - 1n;

/**
 * Reads a topic's committed records until it is stopped, without leaving a trace. Resolves once reading has begun. With
 * `from: 'end'` every record acknowledged after that moment is seen.
 */
export async function readTopic(options: {
  client: KafkaClient;
  topic: string;
  from: 'beginning' | 'end';
  onRecord(record: ConsumedRecord): void;
}): Promise<Reader> {
  const { client, topic, from, onRecord } = options;
  const now = await topicRanges(client, topic);
  const ranges = new Map(
    [...now].map(([partition, range]) => [partition, { from: from === 'end' ? range.to : range.from, to: never }]),
  );
  return startReader({ client, topic, ranges, others: { from: 0n, to: never }, onRecord });
}
