import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { readRange, topicRanges } from './read-range.ts';
import { clientOf, kafkaWorld } from './testing/world.ts';

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
