import { randomUUID } from 'node:crypto';
import { startKafkaCluster } from '@bridge/tools/kafka-cluster';
import { canRunByJava } from '@bridge/tools/local-kafka';
import { expect, test } from 'vitest';
import { clientOf, contentOf, topicSettings } from './testing/world.ts';
import { checkTopics, partitionCounts, waitForTopics, withAdmin } from './topics.ts';
import { openTransactionalWriter } from './transactional-writer.ts';

/** Of a group without members, in no generation. */
const nobody = { memberId: '', generationId: -1 };

test.skipIf(!(await canRunByJava()))(
  'a topic that lost its leader refuses, and disturbs neither other topics nor the looking at all',
  { timeout: 120_000 },
  async () => {
    const cluster = await startKafkaCluster(2);
    try {
      const client = clientOf(cluster.brokers);
      const [input, fine, lost] = [`in-${randomUUID()}`, `fine-${randomUUID()}`, `lost-${randomUUID()}`];
      const groupId = `g-${randomUUID()}`;
      const topics = [input, fine, lost].map((topic) => {
        return { topic, replicaAssignment: [{ partition: 0, replicas: [topic === lost ? 2 : 1] }] };
      });
      await withAdmin(client, (admin) => admin.createTopics({ topics }));
      const open = () => openTransactionalWriter({ client, transactionalId: groupId, groupId, topic: input });
      const record = (topic: string, value: string) => ({ topic, key: 'k', value, headers: {} });
      const before = await open();
      await before.write([record(fine, 'before'), record(lost, 'before')], new Map([[0, 1n]]), nobody);
      await before.close();

      await cluster.nodes[1]?.stop();
      const refused = await open();
      expect(await refused.firstOpen(0)).toBe(1n);
      const given = [record(fine, 'broken off'), record(lost, 'refused')];
      const writing = refused.write(given, new Map([[0, 2n]]), nobody);
      await expect(writing).rejects.toMatchObject({ name: 'TopicRefusal', topic: lost, kind: 'unavailable' });
      await refused.close();
      const next = await open();
      await next.write([record(fine, 'behind')], new Map([[0, 2n]]), nobody);
      await next.close();
      expect((await contentOf(client, fine, 2)).map(({ value }) => value)).toEqual(['before', 'behind']);

      const ones = new Map([input, fine, lost].map((topic) => [topic, 1]));
      expect(await partitionCounts(client, [input, fine, lost])).toEqual(ones);
      expect(await waitForTopics(client, [input])).toEqual(new Map([[input, 1]]));
      const hurried = { ...client, settings: { ...client.settings, startupTimeoutMs: 300 } };
      await expect(waitForTopics(hurried, [input, lost])).rejects.toThrow(`no leader for partitions of ${lost}`);
      const wanted = [fine, lost].map((name) => topicSettings(name, { partitions: 1, maxMessageBytes: 1 }));
      const drifts = await checkTopics(client, wanted, { replication: 2, minInsync: 1 });
      expect(drifts.filter(({ setting }) => setting === 'replication.factor').map(({ topic }) => topic)).toEqual([
        fine,
        lost,
      ]);
    } finally {
      await cluster.stop();
    }
  },
);
