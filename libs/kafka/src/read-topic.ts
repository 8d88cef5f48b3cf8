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
  const next = new Map(ends.map(({ partition, low, high }) => [partition, BigInt(from === 'end' ? high : low)]));
  const consumer = client.open().consumer({ groupId, maxWaitTimeInMs: 200, maxBytesPerPartition: 6 << 20 });
  // Nothing is committed: after joining again, too, reading goes on where it was.
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, offset] of next) consumer.seek({ topic, partition, offset: offset.toString() });
      resolve();
    });
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const offset = BigInt(message.offset);
      if (offset < (next.get(partition) ?? 0n)) return;
      next.set(partition, offset + 1n);
      onRecord(consumedRecord(topic, partition, message));
    },
  });
  await joined;

  return {
    async stop() {
      await consumer.disconnect();
      await withAdmin(client, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
    },
  };
}
