import { randomBytes } from 'node:crypto';
import { connectKafka } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';
import { topicNames, topicTable } from '@bridge/schemas';
import type { TopicSpec } from '@bridge/schemas';
import { canRunByJava, startLocalKafka } from '@bridge/tools/local-kafka';
import { removeTopics } from './topics.ts';

/** The Kafka to measure on, and the bridge's topics on it under a prefix of this run's own. */
export type BenchKafka = {
  brokers: string;
  client: KafkaClient;
  prefix: string;
  names: ReturnType<typeof topicNames>;
  spec(kind: TopicSpec['kind']): TopicSpec;
  /** Process groups of a broker that was started here; none of one that ran before. */
  groups: number[];
  stop(): Promise<void>;
};

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
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
  const settings = { brokers: brokers.split(','), topicPrefix: prefix, startupTimeoutMs: 60_000 };
  const client = connectKafka({ settings, clientId: 'bridge-bench', log: silent });
  const table = topicTable(prefix);
  const names = topicNames(prefix);
  return {
    brokers,
    client,
    prefix,
    names,
    spec: (kind) => table.find((spec) => spec.kind === kind) as TopicSpec,
    groups: own ? [own.processGroup] : [],
    async stop() {
      if (own) await own.stop();
      else await removeTopics(client, Object.values(names));
    },
  };
}

const startOwn = async (onProgress: (line: string) => void) =>
  startLocalKafka({ runsFast: true, onProgress, ...((await canRunByJava()) && { settings: forgetsSoon }) });
