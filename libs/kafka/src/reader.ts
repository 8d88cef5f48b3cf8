import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { BrokerUnreachableError } from './errors.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord } from './records.ts';
import { withAdmin } from './topics.ts';

/** Offsets of a partition: from `from` on, up to `to`, which is no part of it. */
export type OffsetRange = { from: bigint; to: bigint };

export type Reader = {
  /** Resolves when all that was wanted was read, or reading was stopped. Rejects when it can not go on. */
  ended: Promise<void>;
  /** Ends it and leaves no trace. */
  stop(): Promise<void>;
};

type Ending = { resolve(): void; reject(error: unknown): void };

/**
 * Reads the committed records of some ranges of a topic, each partition's in order, in a group of its own that commits
 * nothing and is deleted at the end. Resolves once reading has begun. What `onRecord` throws ends it.
 */
export async function startReader(options: {
  client: KafkaClient;
  topic: string;
  /** By partition. */
  ranges: ReadonlyMap<number, OffsetRange>;
  /** Of the partitions that have no range; without it they are not read. */
  others?: OffsetRange;
  onRecord(record: ConsumedRecord): void;
  /** Nothing at all came for so long: it can not go on. For ever unless told. */
  patienceMs?: number;
}): Promise<Reader> {
  const { client, topic, ranges, others, onRecord, patienceMs } = options;
  const { promise: ended, ...ending } = Promise.withResolvers<void>();
  // Whoever does not ask how it ended is not to be ended by it.
  ended.catch(() => undefined);
  const groupId = `${client.settings.topicPrefix}.reader-${randomUUID()}`;
  const fetching = { maxWaitTimeInMs: 200, maxBytesPerPartition: 6 << 20, allowAutoTopicCreation: false };
  const consumer = client.open().consumer({ groupId, ...fetching });
  const giveUp = () => ending.reject(new BrokerUnreachableError(`nothing came of ${topic} for ${patienceMs} ms`));
  const patience = patienceMs === undefined ? undefined : setTimeout(giveUp, patienceMs);
  const stop = async () => {
    ending.resolve();
    clearTimeout(patience);
    await consumer.disconnect();
    await withAdmin(client, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
  };
  const positions = createPositions(ranges, others);
  const joined = follow(consumer, { topic, positions, ending, onProgress: () => patience?.refresh() });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: hand });
    await Promise.race([joined, ended]);
    return { ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function hand({ batch: { partition, messages } }: EachBatchPayload): Promise<void> {
    try {
      for (const message of messages) {
        if (positions.wants(partition, BigInt(message.offset))) onRecord(consumedRecord(topic, partition, message));
      }
    } catch (error) {
      // Thrown on, it would make kafkajs hand out the same batch again.
      ending.reject(error);
      positions.drop();
    }
  }
}

/** Keeps the consumer where the positions say, and sees how far it came. Resolves when it has joined its group. */
function follow(
  consumer: Consumer,
  options: { topic: string; positions: Positions; ending: Ending; onProgress(): void },
): Promise<void> {
  const { topic, positions, ending, onProgress } = options;
  const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = consumer.events;
  const leaveOut = (partition: number) => consumer.pause([{ topic, partitions: [partition] }]);
  // Comes also for a batch of which nothing is to be seen: markers of transactions, and what they broke off.
  consumer.on(END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    onProgress();
    if (positions.pass(partition, BigInt(lastOffset))) leaveOut(partition);
    if (positions.atEnd()) ending.resolve();
  });
  consumer.on(CRASH, ({ payload }) => {
    if (!payload.restart) ending.reject(payload.error);
  });
  return new Promise((resolve) => {
    // Nothing is committed: after joining again, too, reading goes on where it was.
    consumer.on(GROUP_JOIN, ({ payload }) => {
      for (const partition of payload.memberAssignment[topic] ?? []) {
        const offset = positions.next(partition);
        if (offset === undefined) leaveOut(partition);
        else consumer.seek({ topic, partition, offset: offset.toString() });
      }
      resolve();
    });
  });
}

type Positions = ReturnType<typeof createPositions>;

/** How far each partition was read; one that was read to its end is there no more. */
function createPositions(ranges: ReadonlyMap<number, OffsetRange>, others: OffsetRange | undefined) {
  const open = new Map([...ranges].filter(([, { from, to }]) => from < to));
  const rangeOf = (partition: number) => open.get(partition) ?? others;
  return {
    atEnd: () => open.size === 0 && others === undefined,
    next: (partition: number) => rangeOf(partition)?.from,
    wants(partition: number, offset: bigint): boolean {
      const range = rangeOf(partition);
      return range !== undefined && offset >= range.from && offset < range.to;
    },
    /** Everything up to `offset` was seen. True when that was the last of the partition. */
    pass(partition: number, offset: bigint): boolean {
      const range = rangeOf(partition);
      if (!range || offset < range.from) return false;
      open.set(partition, { from: offset + 1n, to: range.to });
      return offset + 1n >= range.to && open.delete(partition);
    },
    drop(): void {
      open.clear();
      others = undefined;
    },
  };
}
