import { createRequire } from 'node:module';
import type { Kafka } from 'kafkajs';
import type { OutgoingRecord } from './records.ts';
import { offsetFetch, txnOffsetCommit } from './wire/group-offsets.ts';

/** Records of one partition, stored together or not at all. `firstSequence` numbers them for who has a producer id. */
export type ProduceBatch = { topic: string; partition: number; records: OutgoingRecord[]; firstSequence?: number };

/** Who writes in transactions, as its coordinator named it. */
export type TransactionalProducer = { transactionalId: string; producerId: string; producerEpoch: number };

/** What became of a batch: `baseOffset` is that of its first record; `passes` says whether another try may succeed. */
export type ProduceOutcome =
  | { kind: 'stored'; baseOffset: bigint }
  | { kind: 'too-large'; error: Error }
  | { kind: 'refused'; error: Error; passes: boolean };

/** The leader of each partition, where there is one. No partitions: the topic can't be used, and `problem` says why. */
export type TopicView = { leaders: (number | undefined)[]; problem: string };

/** As one broker knows it: the addresses of all brokers by their ids, and the topics that were asked for. */
export type ClusterView = { brokers: Map<number, string>; topics: Map<string, TopicView> };

/** A connection to one broker. */
export type BrokerConnection = {
  isOpen(): boolean;
  describe(topics: string[]): Promise<ClusterView>;
  /**
   * One request, acknowledged by all in-sync replicas, and what became of each batch. Rejects when that is not known:
   * each of them may be stored, or be stored later.
   */
  produce(batches: ProduceBatch[], producer?: TransactionalProducer): Promise<ProduceOutcome[]>;
  /** Any other request, as kafkajs takes it, and the broker's answer with all its errors; kafkajs would throw the first. */
  ask(api: Api, payload: object): Promise<unknown>;
  close(): Promise<void>;
};

/** What kafkajs has, and its types do not tell. */
type Protocol = { request: object; response: { decode(raw: Buffer): Promise<unknown> } };
type Broker = {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  lookupRequest(apiKey: number, definition: unknown): (payload: object) => Protocol;
  connectionPool: { send(protocol: object): Promise<unknown> };
};
type Cluster = {
  rootLogger: unknown;
  connectionPoolBuilder: { build(address: { host: string; port: number }): Promise<unknown> };
  brokerPool: { createBroker(options: object): Broker };
};
type ProduceAnswer = {
  topics: { topicName: string; partitions: { partition: number; errorCode: number; baseOffset: string }[] }[];
};
type MetadataAnswer = {
  brokers: { nodeId: number; host: string; port: number }[];
  topicMetadata: {
    topic: string;
    topicErrorCode: number;
    partitionMetadata: { partitionId: number; leader: number }[];
  }[];
};

const load = createRequire(import.meta.url);
const { requests } = load('kafkajs/src/protocol/requests') as { requests: Record<Api, unknown> };
const definitions = { ...requests, OffsetFetch: offsetFetch, TxnOffsetCommit: txnOffsetCommit };
const { createErrorFromCode } = load('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): KafkaError;
};
const apiKeys = {
  Produce: 0,
  Metadata: 3,
  OffsetFetch: 9,
  GroupCoordinator: 10,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
};
export type Api = keyof typeof apiKeys;

/** An error by which a broker answers: `type` is its name in Kafka's protocol, `retriable` whether it may pass. */
export type KafkaError = Error & { type: string; retriable: boolean };

/** The `type` of an error by which a broker answers; empty for any other. */
export const typeOf = (error: unknown): string => (error as Partial<KafkaError>).type ?? '';

/** What a broker means by a code other than 0. */
export const kafkaError = (code: number): KafkaError => createErrorFromCode(code);

/**
 * Connects to the broker at `address` (`host:port`). By the parts of kafkajs, not by its producer: that one tells of a
 * request for several partitions only that it failed, not where, and repeats the whole of it; and asked who leads what,
 * it fails for a topic of which one partition has no leader.
 */
export async function openBrokerConnection(
  kafka: Kafka,
  address: string,
  requestTimeoutMs: number,
): Promise<BrokerConnection> {
  const { rootLogger, connectionPoolBuilder, brokerPool } = clusterOf(kafka);
  const [host = '', port] = address.split(':');
  const connectionPool = await connectionPoolBuilder.build({ host, port: Number(port) });
  const broker = brokerPool.createBroker({ connectionPool, logger: rootLogger });
  const close = () => broker.disconnect().catch(() => undefined);
  try {
    await broker.connect();
  } catch (error) {
    void close();
    throw error;
  }

  function ask(api: Api, payload: object): Promise<unknown> {
    const { request, response } = broker.lookupRequest(apiKeys[api], definitions[api])(payload);
    const parse = async (answer: unknown) => answer;
    return broker.connectionPool.send({ request, response: { ...response, parse } });
  }

  return {
    isOpen: () => broker.isConnected(),
    describe: async (topics) =>
      viewOf((await ask('Metadata', { topics, allowAutoTopicCreation: false })) as MetadataAnswer),
    produce: async (batches, producer) => {
      const request = { acks: -1, timeout: requestTimeoutMs, topicData: byTopic(batches), ...producer };
      return outcomesOf(batches, (await ask('Produce', request)) as ProduceAnswer);
    },
    ask,
    close,
  };
}

/** The one way to get hold of it that kafkajs offers: it hands it to assigners. Nothing is connected by that. */
function clusterOf(kafka: Kafka): Cluster {
  let found: unknown;
  const assigner = {
    name: '',
    version: 0,
    assign: async () => [],
    protocol: () => ({ name: '', metadata: Buffer.alloc(0) }),
  };
  kafka.consumer({ groupId: 'none', partitionAssigners: [({ cluster }) => ((found = cluster), assigner)] });
  return found as Cluster;
}

function byTopic(batches: ProduceBatch[]) {
  const topics = Map.groupBy(batches, ({ topic }) => topic);
  return [...topics].map(([topic, some]) => ({
    topic,
    partitions: some.map(({ partition, records, firstSequence }) => ({ partition, messages: records, firstSequence })),
  }));
}

function outcomesOf(batches: ProduceBatch[], { topics }: ProduceAnswer): ProduceOutcome[] {
  return batches.map(({ topic, partition }) => {
    const answered = topics
      .find((one) => one.topicName === topic)
      ?.partitions.find((one) => one.partition === partition);
    if (!answered) throw new Error(`the broker said nothing of ${topic}[${partition}]`);
    if (answered.errorCode === 0) return { kind: 'stored', baseOffset: BigInt(answered.baseOffset) };
    const error = kafkaError(answered.errorCode);
    if (error.type === 'MESSAGE_TOO_LARGE') return { kind: 'too-large', error };
    return { kind: 'refused', error, passes: error.retriable };
  });
}

function viewOf({ brokers, topicMetadata }: MetadataAnswer): ClusterView {
  const topics: ClusterView['topics'] = new Map();
  for (const { topic, topicErrorCode, partitionMetadata } of topicMetadata) {
    const leaders: TopicView['leaders'] = [];
    for (const { partitionId, leader } of partitionMetadata) leaders[partitionId] = leader < 0 ? undefined : leader;
    topics.set(topic, { leaders, problem: topicErrorCode === 0 ? '' : kafkaError(topicErrorCode).message });
  }
  return { brokers: new Map(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`])), topics };
}
