import { Partitioners } from 'kafkajs';
import type { Producer } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import type { OutgoingRecord } from './records.ts';
import { byTopic } from './sender.ts';
import { withAdmin } from './topics.ts';

/** Writes what is made of one input partition, each time together with how far that partition was read. */
export type TransactionalWriter = {
  /** The first offset of the partition that no committed transaction covers. */
  from: bigint;
  /**
   * One transaction: `records`, and `next` as the group's offset. After a rejection it is unknown whether it was
   * committed, and the writer must not be used again: a new one finds out.
   */
  write(records: OutgoingRecord[], next: bigint): Promise<void>;
  close(): Promise<void>;
};

/** Readers of committed records wait this long at most for a writer that died in a transaction. */
const transactionTimeoutMs = 15_000;

/**
 * Takes an input partition over. The order of the steps is what makes it exactly once: the transactional id is the
 * partition's, so getting a producer id for it fences whoever wrote for the partition before and ends their open
 * transaction; only then is the committed offset read, which nobody else can move any more.
 */
export async function openTransactionalWriter(options: {
  client: KafkaClient;
  transactionalId: string;
  groupId: string;
  topic: string;
  partition: number;
}): Promise<TransactionalWriter> {
  const { client, transactionalId, groupId, topic, partition } = options;
  const producer = client.open({ requestTimeoutMs: 15_000, initialRetryMs: 20, retries: 12 }).producer({
    transactionalId,
    maxInFlightRequests: 1,
    transactionTimeout: transactionTimeoutMs,
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
  });
  const close = () => producer.disconnect().catch(() => undefined);
  try {
    await producer.connect();
    // kafkajs gets its producer id with the first transaction; an empty one sends nothing else.
    await (await producer.transaction()).abort();
    const from = await committedOffset(client, groupId, topic, partition);
    const write = (records: OutgoingRecord[], next: bigint) => commit(producer, options, records, next);
    return { from, write, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function commit(
  producer: Producer,
  { groupId, topic, partition }: { groupId: string; topic: string; partition: number },
  records: OutgoingRecord[],
  next: bigint,
): Promise<void> {
  const transaction = await producer.transaction();
  if (records.length > 0) {
    const messages = records.map(({ key, value, headers }) => ({ key, value, headers }));
    await transaction.sendBatch({ acks: -1, topicMessages: byTopic(records, messages) });
  }
  const offsets = [{ topic, partitions: [{ partition, offset: next.toString() }] }];
  await transaction.sendOffsets({ consumerGroupId: groupId, topics: offsets });
  await transaction.commit();
}

/** Where the group goes on in a partition: its committed offset, or the beginning when it never committed. */
async function committedOffset(
  client: KafkaClient,
  groupId: string,
  topic: string,
  partition: number,
): Promise<bigint> {
  return withAdmin(client, async (admin) => {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const offset = BigInt(committed?.partitions.find((one) => one.partition === partition)?.offset ?? '-1');
    const ends = await admin.fetchTopicOffsets(topic);
    const low = BigInt(ends.find((one) => one.partition === partition)?.low ?? '0');
    return offset < low ? low : offset;
  });
}
