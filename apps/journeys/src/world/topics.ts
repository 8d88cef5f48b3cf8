import { connectKafka, createPublisher, createTopics, readTopic } from '@bridge/kafka';
import type { ConsumedRecord, OutgoingRecord, Publisher } from '@bridge/kafka';
import { channelTopicSpec, topicNames, topicTable } from '@bridge/schemas';
import { until } from './until.ts';

export type Topics = Awaited<ReturnType<typeof openTopics>>;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** Fewer than the table's twelve: enough to mix conversations, and the broker of the tests is small. */
const partitions = 4;

/** A journey's own topics, and what it needs to write and read them. */
export async function openTopics(options: { brokers: string; prefix: string; own: string[] }) {
  const { brokers, prefix, own } = options;
  const settings = { brokers: brokers.split(','), topicPrefix: prefix, startupTimeoutMs: 60_000 };
  const client = connectKafka({ settings, clientId: 'journeys', log: silent });
  const specs = [...topicTable(prefix), ...own.map(channelTopicSpec)].map((spec) => ({ ...spec, partitions }));
  await createTopics(client, specs, { replication: 1, minInsync: 1 });

  let publisher: Publisher | undefined;
  const readers = new Map<string, Promise<{ records: ConsumedRecord[]; stop(): Promise<void> }>>();

  function read(topic: string) {
    const reader = readers.get(topic) ?? openReader(topic);
    readers.set(topic, reader);
    return reader;
  }

  async function openReader(topic: string) {
    const records: ConsumedRecord[] = [];
    const onRecord = (record: ConsumedRecord) => void records.push(record);
    return { records, ...(await readTopic({ client, topic, from: 'beginning', onRecord })) };
  }

  return {
    client,
    names: topicNames(prefix),
    /** Waits until the topic holds what is looked for; `pick` gets all its records, each partition's in their order. */
    async until<T>(
      topic: string,
      what: string,
      pick: (records: ConsumedRecord[]) => T | undefined | false,
    ): Promise<T> {
      const { records } = await read(topic);
      const seen = () => records.map(({ key, value }) => `${key} ${value?.slice(0, 200)}`);
      return until(`${what} in ${topic}`, () => pick(records), seen);
    },
    /** What was read of the topic until now. To say that something is absent, first wait for what came after it. */
    async recordsOf(topic: string): Promise<ConsumedRecord[]> {
      return (await read(topic)).records;
    },
    async publish(records: OutgoingRecord[]) {
      publisher ??= createPublisher({ client });
      return publisher.publish(records);
    },
    async close(): Promise<void> {
      await Promise.allSettled([...readers.values()].map(async (reader) => (await reader).stop()));
      await publisher?.stop({ deadline: new Date(Date.now() + 5_000) });
    },
  };
}
