import { randomUUID } from 'node:crypto';
import type { KafkaClient } from './connect-kafka.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord } from './records.ts';
import { withAdmin } from './topics.ts';

/**
 * Reads a topic's committed records without leaving a trace: in a group of its own that is deleted at the end. Resolves
 * once reading has begun; `stop` ends it. With `from: 'end'` every record acknowledged after that moment is seen.
 */
export async function readTopic(options: {
  client: KafkaClient;
  topic: string;
  from: 'beginning' | 'end';
  onRecord(record: ConsumedRecord): void;
}): Promise<{ stop(): Promise<void> }> {
  const { client, topic, from, onRecord } = options;
  const groupId = `${client.settings.topicPrefix}.reader-${randomUUID()}`;
  const ends = await withAdmin(client, (admin) => admin.fetchTopicOffsets(topic));
  const consumer = client.open().consumer({ groupId, maxWaitTimeInMs: 200, maxBytesPerPartition: 6 << 20 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const start = ends.find((end) => end.partition === partition)?.high ?? '0';
      if (from === 'end' && BigInt(message.offset) < BigInt(start)) return;
      onRecord(consumedRecord(topic, partition, message));
    },
  });
  await joined;
  if (from === 'end') for (const { partition, high } of ends) consumer.seek({ topic, partition, offset: high });

  return {
    async stop() {
      await consumer.disconnect();
      await withAdmin(client, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
    },
  };
}
