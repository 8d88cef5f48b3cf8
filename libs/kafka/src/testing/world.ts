import { randomBytes } from 'node:crypto';
import { testKafka } from '@bridge/tools/local-kafka';
import { afterAll, beforeAll } from 'vitest';
import { connectKafka } from '../connect-kafka.ts';
import type { KafkaClient } from '../connect-kafka.ts';
import type { Log } from '../log.ts';
import { createTopics } from '../topics.ts';
import type { TopicSettings } from '../topics.ts';

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function clientOf(brokers: string, log = silent): KafkaClient {
  const settings = { brokers: brokers.split(','), topicPrefix: 'test', startupTimeoutMs: 20_000 };
  return connectKafka({ settings, clientId: 'test', log });
}

export const topicSettings = (name: string, changes: Partial<TopicSettings> = {}): TopicSettings => ({
  name,
  partitions: 4,
  retentionMs: 600_000,
  maxMessageBytes: 4 << 20,
  timestampType: 'CreateTime',
  ...changes,
});

/** A real broker for the tests of a file, and topics of their own. */
export function kafkaWorld() {
  let stop = async () => {};
  const world = {
    brokers: '',
    client: undefined as unknown as KafkaClient,
    async topic(changes: Partial<TopicSettings> = {}, name = `t-${randomBytes(6).toString('hex')}`): Promise<string> {
      await createTopics(world.client, [topicSettings(name, changes)], { replication: 1, minInsync: 1 });
      return name;
    },
  };
  beforeAll(async () => {
    const kafka = await testKafka();
    ({ brokers: world.brokers, stop } = kafka);
    world.client = clientOf(world.brokers);
  });
  afterAll(() => stop());
  return world;
}

/** Everything that a topic holds now, in the order of its partitions. */
export async function contentOf(client: KafkaClient, topic: string, expected: number) {
  const { readTopic } = await import('../read-topic.ts');
  const records: import('../records.ts').ConsumedRecord[] = [];
  const reader = await readTopic({ client, topic, from: 'beginning', onRecord: (record) => records.push(record) });
  const end = Date.now() + 20_000;
  while (records.length < expected && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await reader.stop();
  return records;
}
