import type { KafkaClient } from './connect-kafka.ts';
import { startReader } from './reader.ts';
import type { OffsetRange } from './reader.ts';
import type { ConsumedRecord } from './records.ts';
import { withAdmin } from './topics.ts';

/**
 * What each partition of a topic holds now, for readers of committed records: a transaction that is still open, and what
 * came after it, is beyond `to`. With `sinceMs`, from the first record on that has this time or a later one.
 */
export async function topicRanges(
  client: KafkaClient,
  topic: string,
  sinceMs?: number,
): Promise<Map<number, OffsetRange>> {
  return withAdmin(client, async (admin) => {
    const since = sinceMs === undefined ? [] : await admin.fetchTopicOffsetsByTimestamp(topic, Math.max(0, sinceMs));
    const sinceOf = new Map(since.map(({ partition, offset }) => [partition, offset]));
    const ends = await admin.fetchTopicOffsets(topic);
    return new Map(
      ends.map(({ partition, low, high }) => {
        return [partition, { from: BigInt(sinceOf.get(partition) ?? low), to: BigInt(high) }];
      }),
    );
  });
}

/**
 * Reads the committed records of some ranges of a topic, each partition's in order, and ends. Like `readTopic` it leaves
 * no trace. Offsets that retention has deleted are passed over. Rejects with what `onRecord` throws, and with a
 * `BrokerUnreachableError` when nothing at all comes for `patienceMs` (60,000 unless told).
 */
export async function readRange(options: {
  client: KafkaClient;
  topic: string;
  /** By partition; the others are not read. */
  ranges: ReadonlyMap<number, OffsetRange>;
  onRecord(record: ConsumedRecord): void;
  patienceMs?: number;
}): Promise<void> {
  if ([...options.ranges.values()].every(({ from, to }) => from >= to)) return;
  const reader = await startReader({ patienceMs: 60_000, ...options });
  try {
    await reader.ended;
  } finally {
    await reader.stop();
  }
}
