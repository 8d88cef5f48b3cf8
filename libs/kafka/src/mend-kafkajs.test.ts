import { randomUUID } from 'node:crypto';
import type { Consumer } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { createPublisher } from './publisher.ts';
import { readRange, topicRanges } from './read-range.ts';
import { clientOf, kafkaWorld } from './testing/world.ts';
import { committedOffset, withAdmin } from './topics.ts';

const world = kafkaWorld();

test('without its endless timer an idle connection leaves no timer behind', async () => {
  const client = clientOf(world.brokers);
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const producer = client.open().producer();
  await producer.connect();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  await producer.disconnect();
  // The one that remains checks request timeouts.
  expect(timers - before).toBeLessThanOrEqual(1);
});

/** A transaction in partition 0 of the topic, a record at a time, under a key that looks like a marker if need be. */
async function begin(topic: string) {
  const producer = world.client.open().producer({ transactionalId: randomUUID(), maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  const end = async (how: () => Promise<void>) => {
    await how();
    await producer.disconnect();
  };
  return {
    write: (value: string, key = Buffer.from('k')) =>
      transaction.send({ topic, messages: [{ key, value, partition: 0 }] }),
    commit: () => end(() => transaction.commit()),
    abort: () => end(() => transaction.abort()),
  };
}

/** What a reader of committed records sees from an offset on. */
async function read(topic: string, from: number): Promise<string[]> {
  const values: string[] = [];
  const { to = 0n } = (await topicRanges(world.client, topic)).get(0) ?? {};
  const ranges = new Map([[0, { from: BigInt(from), to }]]);
  await readRange({ client: world.client, topic, ranges, onRecord: ({ value }) => values.push(value ?? '') });
  return values;
}

test('what transactions broke off is hidden, however they are interleaved and wherever reading begins', async () => {
  const topic = await world.topic({ partitions: 1 });
  const [first, second, kept] = [await begin(topic), await begin(topic), await begin(topic)];
  const abortMarker = Buffer.from([0, 0, 0, 0]);
  await first.write('broken off 0');
  await second.write('broken off 1');
  await kept.write('kept 2');
  await first.write('broken off 3', abortMarker);
  await second.write('broken off 4');
  await kept.write('kept 5');
  await first.write('broken off 6');
  // The one that began later ends first: the broker lists broken-off transactions by their ends.
  await second.abort();
  await kept.commit();
  await first.abort();
  const after = await begin(topic);
  await after.write('kept');
  await after.commit();
  const end = async () => Number((await topicRanges(world.client, topic)).get(0)?.to);
  await expect.poll(end, { timeout: 20_000 }).toBe(12);

  for (const from of [0, 1, 2]) expect(await read(topic, from), `from ${from}`).toEqual(['kept 2', 'kept 5', 'kept']);
  for (const from of [3, 4, 5]) expect(await read(topic, from), `from ${from}`).toEqual(['kept 5', 'kept']);
  for (const from of [6, 7, 10]) expect(await read(topic, from), `from ${from}`).toEqual(['kept']);
});

/** A member of a group that commits nothing by itself, with what it is given to handle. */
async function consume(groupId: string, topic: string, eachBatch: (values: string[], consumer: Consumer) => unknown) {
  const consumer = world.client.open().consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      await eachBatch(
        batch.messages.map(({ value }) => String(value)),
        consumer,
      );
    },
  });
  onTestFinished(() => consumer.disconnect());
  return consumer;
}

/** A topic with the values 0 to 9, and a group that has committed this offset. */
async function committed(offset: string) {
  const [topic, groupId] = [await world.topic({ partitions: 1 }), `g-${randomUUID()}`];
  const publisher = createPublisher({ client: world.client });
  const values = Array.from({ length: 10 }, (_, index) => String(index));
  await publisher.publish(values.map((value) => ({ topic, key: 'k', value, headers: {} })));
  await publisher.stop({ deadline: new Date(Date.now() + 15_000) });
  const partitions = [{ partition: 0, offset }];
  await withAdmin(world.client, (admin) => admin.setOffsets({ groupId, topic, partitions }));
  return { topic, groupId };
}

test('who commits by itself goes on from the beginning where its offset is out of range, and the group keeps its own', async () => {
  const { topic, groupId } = await committed('1000');
  const seen: string[] = [];
  await consume(groupId, topic, (values) => seen.push(...values));
  await expect.poll(() => seen[0], { timeout: 30_000 }).toBe('0');
  expect(await withAdmin(world.client, (admin) => committedOffset(admin, groupId, topic, 0))).toBe(1_000n);
});

test('where a partition was to be gone on with counts no more after a rebalance', async () => {
  const { topic, groupId } = await committed('8');
  const batches: string[][] = [];
  await consume(groupId, topic, (values, consumer) => {
    batches.push(values);
    if (batches.length > 1) return;
    consumer.seek({ topic, partition: 0, offset: '3' });
    throw Object.assign(new Error('the group is rebalancing'), { type: 'REBALANCE_IN_PROGRESS' });
  });
  await expect.poll(() => batches.length, { timeout: 30_000 }).toBeGreaterThan(1);
  expect(batches.slice(0, 2)).toEqual([
    ['8', '9'],
    ['8', '9'],
  ]);
});
