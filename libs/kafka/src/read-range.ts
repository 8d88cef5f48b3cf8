import { randomUUID } from 'node:crypto';
import type { EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { BrokerUnreachableError } from './errors.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord } from './records.ts';
import { withAdmin } from './topics.ts';

/** Offsets of a partition: from `from` on, up to `to`, which is no part of it. */
export type OffsetRange = { from: bigint; to: bigint };

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

const fetching = { maxWaitTimeInMs: 200, maxBytesPerPartition: 6 << 20, allowAutoTopicCreation: false };

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
  const { client, topic, ranges, onRecord, patienceMs = 60_000 } = options;
  const positions = createPositions(ranges);
  if (positions.atEnd()) return;
  const end = Promise.withResolvers<void>();
  const groupId = `${client.settings.topicPrefix}.reader-${randomUUID()}`;
  const consumer = client.open().consumer({ groupId, ...fetching });
  const giveUp = () => end.reject(new BrokerUnreachableError(`nothing came of ${topic} for ${patienceMs} ms`));
  const patience = setTimeout(giveUp, patienceMs);

  // Nothing is committed: after joining again, too, reading goes on where it was.
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const partition of payload.memberAssignment[topic] ?? []) {
      const offset = positions.next(partition);
      if (offset === undefined) consumer.pause([{ topic, partitions: [partition] }]);
      else consumer.seek({ topic, partition, offset: offset.toString() });
    }
  });
  // Comes also for a batch of which nothing is to be seen: markers of transactions, and what they broke off.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    patience.refresh();
    if (positions.pass(partition, BigInt(lastOffset))) consumer.pause([{ topic, partitions: [partition] }]);
    if (positions.atEnd()) end.resolve();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) end.reject(payload.error);
  });
  const eachBatch = async ({ batch: { partition, messages } }: EachBatchPayload) => {
    try {
      for (const message of messages) {
        if (positions.wants(partition, BigInt(message.offset))) onRecord(consumedRecord(topic, partition, message));
      }
    } catch (error) {
      // Thrown on, it would make kafkajs hand out the same batch again.
      end.reject(error);
      positions.drop();
    }
  };

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch });
    await end.promise;
  } finally {
    clearTimeout(patience);
    await consumer.disconnect();
    await withAdmin(client, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
  }
}

/** How far each partition was read; one that was read to its end is there no more. */
function createPositions(ranges: ReadonlyMap<number, OffsetRange>) {
  const open = new Map([...ranges].filter(([, { from, to }]) => from < to));
  return {
    atEnd: () => open.size === 0,
    next: (partition: number) => open.get(partition)?.from,
    wants(partition: number, offset: bigint): boolean {
      const range = open.get(partition);
      return range !== undefined && offset >= range.from && offset < range.to;
    },
    /** Everything up to `offset` was seen. True when that was the last of the partition. */
    pass(partition: number, offset: bigint): boolean {
      const range = open.get(partition);
      if (!range || offset < range.from) return false;
      open.set(partition, { from: offset + 1n, to: range.to });
      return offset + 1n >= range.to && open.delete(partition);
    },
    drop: () => open.clear(),
  };
}
