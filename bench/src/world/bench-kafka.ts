import { randomBytes } from 'node:crypto';
import type { KafkaClient } from '@bridge/kafka';
import { channelTopicSpec, topicNames, topicTable } from '@bridge/schemas';
import type { TopicSpec } from '@bridge/schemas';
import { canRunByJava, startLocalKafka } from '@bridge/tools/local-kafka';
import { kafkaClient } from '../load/kafka-client.ts';
import { removeTopics } from './topics.ts';

/** The Kafka to measure on, and the bridge's topics on it under a prefix of this run's own. */
export type BenchKafka = {
  brokers: string;
  client: KafkaClient;
  prefix: string;
  names: ReturnType<typeof topicNames>;
  /** A topic that the bridge knows nothing of. */
  bare: TopicSpec;
  spec(kind: TopicSpec['kind']): TopicSpec;
  /** Process groups of a broker that was started here; none of one that ran before. */
  groups: number[];
  stop(): Promise<void>;
};

/** What a run leaves behind is gone before the next one fills the disk. */
const forgetsSoon = 'log.segment.delete.delay.ms=1000\nlog.retention.check.interval.ms=5000';

/** The Kafka that `given` names, else one of our own, with the settings of a JVM that is to be fast. */
export async function openKafka(options: {
  given: string | undefined;
  onProgress: (line: string) => void;
}): Promise<BenchKafka> {
  const { given, onProgress } = options;
  const own = given === undefined ? await startOwn(onProgress) : undefined;
  const brokers = given ?? own?.brokers ?? '';
  const prefix = `bench-${randomBytes(4).toString('hex')}`;
  const client = kafkaClient(brokers, prefix);
  const table = topicTable(prefix);
  const names = topicNames(prefix);
  const bare = channelTopicSpec(`${prefix}.bare`);
  return {
    brokers,
    client,
    prefix,
    names,
    bare,
    spec: (kind) => table.find((spec) => spec.kind === kind) as TopicSpec,
    groups: own ? [own.processGroup] : [],
    async stop() {
      if (own) await own.stop();
      else await removeTopics(client, [...Object.values(names), bare.name]);
    },
  };
}

const startOwn = async (onProgress: (line: string) => void) =>
  startLocalKafka({ runsFast: true, onProgress, ...((await canRunByJava()) && { settings: forgetsSoon }) });
