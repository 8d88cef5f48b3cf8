import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { consumeInLanes } from './consume-in-lanes.ts';
import { consumeInTransactions } from './consume-in-transactions.ts';
import type { PartitionProgress } from './partition-progress.ts';
import { createPublisher } from './publisher.ts';
import type { ConsumedRecord } from './records.ts';
import { storeAlone } from './store-planned.ts';
import { contentOf, kafkaWorld } from './testing/world.ts';

const world = kafkaWorld();
vi.setConfig({ testTimeout: 90_000 });
const soon = () => new Date(Date.now() + 10_000);
const onFatal = (error: Error) => {
  throw error;
};

async function fill(topic: string, count: number): Promise<void> {
  const publisher = createPublisher({ client: world.client });
  const values = Array.from({ length: count }, (_, index) => String(index));
  await publisher.publish(values.map((value) => ({ topic, key: value, value, headers: {} })));
  await publisher.stop({ deadline: soon() });
}

const lags = (progress: Map<number, PartitionProgress>) =>
  [...progress].map(([partition, { lagRecords }]) => [partition, lagRecords] as const).toSorted(([a], [b]) => a - b);
const untilLags = (of: { progress(): Map<number, PartitionProgress> }, expected: number[][]) =>
  vi.waitFor(() => expect(lags(of.progress())).toEqual(expected), { timeout: 60_000, interval: 50 });

test('with lanes, a partition is behind by what is not finished, from the first that is not', async () => {
  const [topic, ledgerTopic] = [await world.topic({ partitions: 1 }), await world.topic({ partitions: 1 })];
  await fill(topic, 20);
  const release = Promise.withResolvers<void>();
  const consumer = consumeInLanes({
    client: world.client,
    groupId: `g-${randomUUID()}`,
    topic,
    ledger: { topic: ledgerTopic, rewindMs: 0, onOpen: () => {}, onRecord: () => {} },
    handle: async ({ value }) => {
      if (value === '5') await release.promise;
      return 'done';
    },
    onFatal,
  });
  await consumer.start();
  await untilLags(consumer, [[0, 15]]);
  const { movedAt } = consumer.progress().get(0) ?? {};
  expect(movedAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  release.resolve();
  await untilLags(consumer, [[0, 0]]);
  await consumer.stop({ deadline: soon() });
  expect(consumer.progress().size).toBe(0);
});

test('with transactions, each one is told, and no partition is behind in the end', async () => {
  const [input, output] = [await world.topic({ partitions: 2 }), await world.topic()];
  const outcomes = new Set<string>();
  const consumer = consumeInTransactions({
    client: world.client,
    groupId: `g-${randomUUID()}`,
    topic: input,
    forget: () => {},
    recall: () => {},
    recallMs: 60_000,
    plan: (records, refusals) => ({
      outgoing: records.map(({ key, value }) => {
        return { topic: refusals.length === 0 ? 'there-is-no-such-topic' : output, key, value, headers: {} };
      }),
      stored: () => {},
    }),
    onTransaction: (outcome) => outcomes.add(outcome),
    onFatal,
  });
  await consumer.start();
  await untilLags(consumer, [
    [0, 0],
    [1, 0],
  ]);
  expect([...outcomes]).toEqual([]);
  await fill(input, 20);
  expect(await contentOf(world.client, output, 20)).toHaveLength(20);
  await untilLags(consumer, [
    [0, 0],
    [1, 0],
  ]);
  // On a busy machine one may fail besides, and is made anew.
  expect([...outcomes]).toEqual(expect.arrayContaining(['refused', 'committed']));
  await consumer.stop({ deadline: soon() });
});

test('a transaction that may have been committed or not is told as failed', async () => {
  const outcomes: string[] = [];
  const write = async () => {
    throw new Error('the broker is gone');
  };
  const member = { memberId: 'm', generationId: 1 };
  const storing = storeAlone(
    {
      owner: { partition: 0, member, next: 0n, recalled: true, isInDoubt: false },
      records: [{ offset: '0' } as ConsumedRecord],
      stale: () => false,
      passed: async () => {},
      heartbeat: async () => {},
    },
    {
      plan: () => ({ outgoing: [], stored: () => {} }),
      writer: { write, renew: () => {} },
      onTransaction: (outcome) => void outcomes.push(outcome),
    },
  );
  await expect(storing).rejects.toThrow('gone');
  expect(outcomes).toEqual(['failed']);
});
