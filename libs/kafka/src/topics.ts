// The whole module: Node does not find ConfigResourceTypes among kafkajs' names, though vitest does.
import kafkajs from 'kafkajs';
import type { Admin, PartitionMetadata } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { BrokerUnreachableError, TopicError } from './errors.ts';
import { pause } from './pause.ts';

/** What a topic must be like. Times in milliseconds, sizes in bytes. */
export type TopicSettings = {
  name: string;
  partitions: number;
  retentionMs: number;
  maxMessageBytes: number;
  timestampType: 'CreateTime' | 'LogAppendTime';
};

/** How many copies a topic has, and how many of them must have a record before it counts as stored. */
export type Replication = { replication: number; minInsync: number };

const creationTimeoutMs = 30_000;

/** One way in which a topic is not as it must be. */
export type Drift = { topic: string; setting: string; expected: string; found: string };

/** Answers of a broker that a moment later may be another: a leader is being chosen, a coordinator is loading. */
const passing = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);
const passingMs = 10_000;

/** Runs `work` with an admin connection and closes it; again, with a new one, while leaders are being chosen. */
export async function withAdmin<T>(client: KafkaClient, work: (admin: Admin) => Promise<T>): Promise<T> {
  for (const end = Date.now() + passingMs; ; await pause(100)) {
    const admin = client.open({ retries: 2 }).admin();
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      if (!passing.has((error as { type?: string }).type ?? '') || Date.now() >= end) throw error;
    } finally {
      await admin.disconnect();
    }
  }
}

/** How many brokers the cluster has now. */
export async function countBrokers(client: KafkaClient): Promise<number> {
  return withAdmin(client, async (admin) => (await admin.describeCluster()).brokers.length);
}

/** Creates the topics that do not exist; leaves the others as they are. Returns the names of those created. */
export async function createTopics(
  client: KafkaClient,
  topics: TopicSettings[],
  { replication, minInsync }: Replication,
): Promise<string[]> {
  return withAdmin(client, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !existing.has(name));
    if (missing.length === 0) return [];
    await admin.createTopics({
      // Its own waiting gives up on a broker that has not heard of the topic yet.
      waitForLeaders: false,
      timeout: creationTimeoutMs,
      topics: missing.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: replication,
        configEntries: Object.entries({ ...configOf(topic), 'min.insync.replicas': String(minInsync) }).map(
          ([name, value]) => ({ name, value }),
        ),
      })),
    });
    const names = missing.map(({ name }) => name);
    await waitForLeaders(admin, names);
    return names;
  });
}

/** Until the broker that is asked knows the topics and each partition has a leader: before that, nothing can be published. */
async function waitForLeaders(admin: Admin, names: string[]): Promise<void> {
  const end = Date.now() + creationTimeoutMs;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      if (topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) {
        // The leaders are named; now they must also know it, or the first consumers are sent away to join again.
        for (const name of names) await admin.fetchTopicOffsets(name);
        return;
      }
      if (Date.now() >= end) throw new Error(`the topics ${names.join(', ')} still have no leaders`);
    } catch (error) {
      const { type = '' } = error as { type?: string };
      if (!(passing.has(type) || type === 'UNKNOWN_TOPIC_OR_PARTITION') || Date.now() >= end) throw error;
    }
    await pause(50);
  }
}

/**
 * Compares the topics with what they must be like, their copies only if told. More than asked, of retention, size,
 * partitions or copies, is no drift.
 */
export async function checkTopics(
  client: KafkaClient,
  topics: TopicSettings[],
  replication?: Replication,
): Promise<Drift[]> {
  return withAdmin(client, async (admin) => {
    const existing = await allTopics(admin);
    const drifts: Drift[] = [];
    for (const topic of topics) {
      const partitions = existing.get(topic.name);
      if (partitions) drifts.push(...(await driftOf(admin, { topic, partitions, replication })));
      else drifts.push({ topic: topic.name, setting: 'topic', expected: 'exists', found: 'missing' });
    }
    return drifts;
  });
}

async function driftOf(
  admin: Admin,
  about: { topic: TopicSettings; partitions: PartitionMetadata[]; replication: Replication | undefined },
): Promise<Drift[]> {
  const { topic, partitions, replication } = about;
  const wanted: Record<string, string> = { ...configOf(topic), partitions: String(topic.partitions) };
  if (replication) {
    wanted['replication.factor'] = String(replication.replication);
    wanted['min.insync.replicas'] = String(replication.minInsync);
  }
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic.name, configNames: Object.keys(wanted) }],
  });
  const found = new Map(described.resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]));
  found.set('partitions', String(partitions.length));
  found.set('replication.factor', String(Math.min(...partitions.map(({ replicas }) => replicas.length))));
  return Object.entries(wanted)
    .filter(([setting, expected]) => !agrees(setting, expected, found.get(setting)))
    .map(([setting, expected]) => ({ topic: topic.name, setting, expected, found: found.get(setting) ?? 'unset' }));
}

const mayBeMore = ['retention.ms', 'max.message.bytes', 'partitions', 'replication.factor', 'min.insync.replicas'];

function agrees(setting: string, expected: string, found: string | undefined): boolean {
  return mayBeMore.includes(setting) ? found === '-1' || Number(found) >= Number(expected) : found === expected;
}

function configOf(topic: TopicSettings): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(topic.retentionMs),
    'max.message.bytes': String(topic.maxMessageBytes),
    'message.timestamp.type': topic.timestampType,
    // Whatever a producer compresses with, every consumer can read: kafkajs knows gzip only.
    'compression.type': 'uncompressed',
  };
}

/**
 * Waits until the broker answers and has the topics an app needs, each partition with a leader. Throws as
 * `untilBrokerAnswers` does, `TopicError` when a topic is missing.
 */
export async function waitForTopics(client: KafkaClient, names: string[]): Promise<Map<string, number>> {
  return untilBrokerAnswers(client, async () => {
    const topics = await withAdmin(client, allTopics);
    const counts = countsOf(names, topics);
    const headless = names.filter((name) => topics.get(name)?.some(({ leader }) => leader < 0));
    if (headless.length === 0) return counts;
    throw new Error(`no leader for partitions of ${headless.join(', ')}`);
  });
}

/**
 * What an app asks Kafka while it starts: again as long as no broker can answer. Throws `BrokerUnreachableError` when
 * that takes longer than the settings' `startupTimeoutMs`; a `TopicError` of `ask` is an answer, and thrown on.
 */
export async function untilBrokerAnswers<T>(client: KafkaClient, ask: () => Promise<T>): Promise<T> {
  const { brokers, startupTimeoutMs } = client.settings;
  const end = Date.now() + startupTimeoutMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof TopicError) throw error;
      if (Date.now() >= end) {
        const detail = `no Kafka broker answered at ${brokers.join(', ')} within ${startupTimeoutMs} ms: ${String(error)}`;
        throw new BrokerUnreachableError(`${detail}. Is it running, and is KAFKA_BROKERS right?`);
      }
      client.log.warn({ brokers, error: String(error) }, 'waiting for the Kafka broker');
      await pause(Math.min(1_000, end - Date.now()));
    }
  }
}

/** The number of partitions of each topic, with a leader or without. Throws `TopicError` naming those that are missing. */
export async function partitionCounts(client: KafkaClient, names: string[]): Promise<Map<string, number>> {
  return countsOf(names, await withAdmin(client, allTopics));
}

function countsOf(names: string[], topics: ReadonlyMap<string, PartitionMetadata[]>): Map<string, number> {
  const missing = names.filter((name) => !topics.has(name));
  if (missing.length > 0) {
    throw new TopicError(`missing topics: ${missing.join(', ')}. Create them with: npm run bridge -- topics create`);
  }
  return new Map(names.map((name) => [name, topics.get(name)?.length ?? 0]));
}

/** The partitions of each topic of the cluster. Asked for one topic, kafkajs fails when one of them has no leader. */
async function allTopics(admin: Admin): Promise<Map<string, PartitionMetadata[]>> {
  const { topics } = await admin.fetchTopicMetadata();
  return new Map(topics.flatMap(({ name, partitions }) => (partitions.length > 0 ? [[name, partitions]] : [])));
}

/** Where the group goes on in a partition: its committed offset, or the beginning when it never committed. */
export async function committedOffset(
  admin: Admin,
  groupId: string,
  topic: string,
  partition: number,
): Promise<bigint> {
  const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const offset = BigInt(committed?.partitions.find((one) => one.partition === partition)?.offset ?? '-1');
  const first = await firstOffset(admin, topic, partition);
  return offset < first ? first : offset;
}

/** The first offset that a partition still keeps. */
export async function firstOffset(admin: Admin, topic: string, partition: number): Promise<bigint> {
  const ends = await admin.fetchTopicOffsets(topic);
  return BigInt(ends.find((one) => one.partition === partition)?.low ?? '0');
}
