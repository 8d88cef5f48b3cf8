import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { consumeInLanes } from './consume-in-lanes.ts';
import { pause } from './pause.ts';
import { createPublisher } from './publisher.ts';
import { kafkaWorld } from './testing/world.ts';
import { withAdmin } from './topics.ts';

const world = kafkaWorld();
const soon = () => new Date(Date.now() + 10_000);
const onFatal = (error: Error) => {
  throw error;
};

async function fill(topic: string, count: number, conversations: number): Promise<void> {
  const publisher = createPublisher({ client: world.client });
  const records = Array.from({ length: count }, (_, index) => {
    return { topic, key: `c${index % conversations}`, value: String(index), headers: {} };
  });
  await publisher.publish(records);
  await publisher.stop({ deadline: soon() });
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 25_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('waited too long');
    await pause(20);
  }
}

async function committed(groupId: string, topic: string): Promise<number> {
  const [offsets] = await withAdmin(world.client, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  return (offsets?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

test('every record is handled once, in order within its key, and committed', async () => {
  const topic = await world.topic();
  const groupId = `g-${randomUUID()}`;
  await fill(topic, 500, 20);
  const seen: { key: string | null; value: number }[] = [];
  const consumer = consumeInLanes({
    client: world.client,
    groupId,
    topic,
    onFatal,
    maxUnfinished: 30,
    handle: async ({ key, value }) => {
      await pause(Math.random() * 10);
      seen.push({ key, value: Number(value) });
      return 'done';
    },
  });
  await consumer.start();
  await until(() => seen.length >= 500);
  await consumer.stop({ deadline: soon() });

  expect(seen).toHaveLength(500);
  for (let index = 0; index < 20; index += 1) {
    const values = seen.filter(({ key }) => key === `c${index}`).map(({ value }) => value);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
  expect(await committed(groupId, topic)).toBe(500);
});

test('one key that hangs holds up no other key, and nothing behind it is committed', async () => {
  const topic = await world.topic({ partitions: 1 });
  const groupId = `g-${randomUUID()}`;
  await fill(topic, 100, 10);
  const done: string[] = [];
  const consumer = consumeInLanes({
    client: world.client,
    groupId,
    topic,
    onFatal,
    handle: async ({ key, value }, signal) => {
      if (key === 'c3') {
        await pause(60_000, signal);
        return 'abandoned';
      }
      done.push(value ?? '');
      return 'done';
    },
  });
  await consumer.start();
  await until(() => done.length >= 90);
  expect(consumer.unfinished().get(0)?.records).toBe(10);
  await consumer.stop({ deadline: soon() });
  // Record 3 is the first of the hanging key: it and all after it will be read again.
  expect(await committed(groupId, topic)).toBe(3);
});

test('stop waits for what runs, and a second consumer goes on where the first ended', async () => {
  const topic = await world.topic({ partitions: 2 });
  const groupId = `g-${randomUUID()}`;
  await fill(topic, 200, 8);
  const handled: string[] = [];
  const consume = () =>
    consumeInLanes({
      client: world.client,
      groupId,
      topic,
      onFatal,
      handle: async ({ value }) => {
        await pause(15);
        handled.push(value ?? '');
        return 'done';
      },
    });
  const first = consume();
  await first.start();
  await until(() => handled.length >= 40);
  await first.stop({ deadline: soon() });
  const before = handled.length;
  expect(before).toBeLessThan(200);
  const second = consume();
  await second.start();
  await until(() => new Set(handled).size >= 200);
  await second.stop({ deadline: soon() });
  expect(handled).toHaveLength(200);
});

test('when a second member joins, nothing that runs is handled twice by the first', async () => {
  const topic = await world.topic({ partitions: 4 });
  const groupId = `g-${randomUUID()}`;
  const handled: string[] = [];
  const consume = (name: string) =>
    consumeInLanes({
      client: world.client,
      groupId,
      topic,
      onFatal,
      handle: async ({ value }) => {
        await pause(5);
        handled.push(`${name}:${value}`);
        return 'done';
      },
    });
  const [first, second] = [consume('a'), consume('b')];
  await first.start();
  await fill(topic, 200, 40);
  await until(() => handled.length >= 50);
  await second.start();
  await until(() => new Set(handled.map((one) => one.split(':')[1])).size >= 200);
  await Promise.all([first.stop({ deadline: soon() }), second.stop({ deadline: soon() })]);
  const byFirst = handled.filter((one) => one.startsWith('a:'));
  expect(byFirst).toHaveLength(new Set(byFirst).size);
});
