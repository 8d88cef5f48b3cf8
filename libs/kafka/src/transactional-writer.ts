import { Partitioners } from 'kafkajs';
import type { Message, Producer } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import type { OutgoingRecord } from './records.ts';
import { partitionOf } from './partition-of.ts';
import { refusalOf } from './topic-refusal.ts';
import { committedOffset, partitionCounts, withAdmin } from './topics.ts';

/** Writes what is made of one input partition, each time together with how far that partition was read. */
export type TransactionalWriter = {
  /** The first offset of the partition that no committed transaction covers. */
  from: bigint;
  /**
   * One transaction: `records`, and `next` as the group's offset. Rejects with a `TopicRefusal` when one of the topics
   * does not take what it is given; nothing is stored then. After any other rejection it is unknown whether it was
   * committed. After each the writer must not be used again: a new one finds out.
   */
  write(records: OutgoingRecord[], next: bigint): Promise<void>;
  close(): Promise<void>;
};

/** Readers of committed records wait this long at most for a writer that died in a transaction. */
const transactionTimeoutMs = 15_000;
/** Tried again for a good second in all: other partitions wait as well. Whoever must wait longer begins anew. */
const retrying = { requestTimeoutMs: 15_000, initialRetryMs: 20, retries: 6 };

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
  const producer = client.open(retrying).producer({
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
    const from = await withAdmin(client, (admin) => committedOffset(admin, groupId, topic, partition));
    const counts = new Map<string, number>();
    const write = async (records: OutgoingRecord[], next: bigint) => {
      await countPartitions(client, records, counts);
      await commit(producer, options, { records, next, counts });
    };
    return { from, write, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function commit(
  producer: Producer,
  { groupId, topic, partition }: { groupId: string; topic: string; partition: number },
  { records, next, counts }: { records: OutgoingRecord[]; next: bigint; counts: Map<string, number> },
): Promise<void> {
  const transaction = await producer.transaction();
  // One send a partition: of several, kafkajs loses or repeats a part when a leader moves in mid-send. Mostly it is one:
  // what comes of a partition goes to the partition of the same number.
  for (const place of byPartition(records, counts)) {
    await transaction.send({ acks: -1, ...place }).catch((error: unknown) => {
      throw refusalOf(place.topic, error);
    });
  }
  const offsets = [{ topic, partitions: [{ partition, offset: next.toString() }] }];
  await transaction.sendOffsets({ consumerGroupId: groupId, topics: offsets });
  await transaction.commit();
}

/** Looks up what is not known yet; a writer's keys keep their partitions for as long as it lives. */
async function countPartitions(
  client: KafkaClient,
  records: OutgoingRecord[],
  counts: Map<string, number>,
): Promise<void> {
  for (const topic of new Set(records.map((record) => record.topic))) {
    if (counts.has(topic)) continue;
    const found = await partitionCounts(client, [topic]).catch((error: unknown) => {
      throw refusalOf(topic, error);
    });
    counts.set(topic, found.get(topic) ?? 1);
  }
}

function byPartition(
  records: OutgoingRecord[],
  counts: Map<string, number>,
): Iterable<{ topic: string; messages: Message[] }> {
  const places = new Map<string, { topic: string; messages: Message[] }>();
  records.forEach(({ topic, key, value, headers }, index) => {
    const count = counts.get(topic) ?? 1;
    const partition = key === null ? index % count : partitionOf(key, count);
    const place = places.get(`${topic}/${partition}`) ?? { topic, messages: [] };
    places.set(`${topic}/${partition}`, place);
    place.messages.push({ key, value, headers, partition });
  });
  return places.values();
}
