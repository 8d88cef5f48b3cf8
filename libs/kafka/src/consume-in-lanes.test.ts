import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { consumeInLanes } from './consume-in-lanes.ts';
import type { LaneConsumer } from './consume-in-lanes.ts';
import { pause } from './pause.ts';
import { createPublisher } from './publisher.ts';
import { mutableClient } from './testing/mutable-client.ts';
import { kafkaWorld } from './testing/world.ts';
import { partitionCounts, withAdmin } from './topics.ts';

const world = kafkaWorld();
vi.setConfig({ testTimeout: 90_000 });
const soon = () => new Date(Date.now() + 10_000);
const onFatal = (error: Error) => {
  throw error;
};
type Options = Parameters<typeof consumeInLanes>[0];

/** A member of a group, with a ledger that knows nothing unless told. */
async function laneConsumer(options: Pick<Options, 'groupId' | 'topic' | 'handle'> & Partial<Options>) {
  const { client } = world;
  const nothing = { topic: await emptyLedger(options.topic), rewindMs: 0, onOpen: () => {}, onRecord: () => {} };
  return consumeInLanes({ client, onFatal, ledger: nothing, ...options });
}

const ledgers = new Map<string, Promise<string>>();
async function emptyLedger(topic: string): Promise<string> {
  const partitions = (await partitionCounts(world.client, [topic])).get(topic) ?? 0;
  const ledger = ledgers.get(topic) ?? world.topic({ partitions });
  ledgers.set(topic, ledger);
  return ledger;
}

async function fill(topic: string, count: number, conversations: number): Promise<void> {
  const publisher = createPublisher({ client: world.client });
  const records = Array.from({ length: count }, (_, index) => {
    return { topic, key: `c${index % conversations}`, value: String(index), headers: {} };
  });
  await publisher.publish(records);
  await publisher.stop({ deadline: soon() });
}

/** Steady records of many keys, until it is stopped; gives their number then. */
function flowInto(topic: string, conversations: number) {
  const publisher = createPublisher({ client: world.client });
  let produced = 0;
  const end = new AbortController();
  const flow = (async () => {
    for (; !end.signal.aborted; await pause(20)) {
      const values = Array.from({ length: 5 }, (_, index) => produced + index);
      await publisher.publish(
        values.map((value) => ({ topic, key: `c${value % conversations}`, value: String(value), headers: {} })),
      );
      produced += values.length;
    }
  })();
  return {
    async stop() {
      end.abort();
      await flow;
      await publisher.stop({ deadline: soon() });
      return produced;
    },
  };
}

async function until(condition: () => boolean, withinMs = 25_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error('waited too long');
    await pause(20);
  }
}

async function committed(groupId: string, topic: string): Promise<number> {
  const [offsets] = await withAdmin(world.client, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  return (offsets?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

function buffersInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
}

test('every record is handled, in order within its key, and committed', async () => {
  const topic = await world.topic();
  const groupId = `g-${randomUUID()}`;
  await fill(topic, 500, 20);
  // By value: should the broker make the member join again, what was finished before its neighbours comes once more.
  const seen = new Map<number, string | null>();
  const consumer = await laneConsumer({
    groupId,
    topic,
    maxUnfinished: 30,
    handle: async ({ key, value }) => {
      await pause(Math.random() * 10);
      seen.set(Number(value), key);
      return 'done';
    },
  });
  await consumer.start();
  await until(() => seen.size >= 500);
  await consumer.stop({ deadline: soon() });

  for (let index = 0; index < 20; index += 1) {
    const values = [...seen].filter(([, key]) => key === `c${index}`).map(([value]) => value);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
  expect(await committed(groupId, topic)).toBe(500);
});

test('one key that hangs holds up no other key, and nothing behind it is committed', async () => {
  const topic = await world.topic({ partitions: 1 });
  const groupId = `g-${randomUUID()}`;
  await fill(topic, 100, 10);
  const done: string[] = [];
  const consumer = await laneConsumer({
    groupId,
    topic,
    handle: async ({ key, value }, { ending }) => {
      if (key === 'c3') {
        await pause(60_000, ending);
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
    laneConsumer({
      groupId,
      topic,
      handle: async ({ value }) => {
        await pause(15);
        handled.push(value ?? '');
        return 'done';
      },
    });
  const first = await consume();
  await first.start();
  await until(() => handled.length >= 40);
  await first.stop({ deadline: soon() });
  const before = handled.length;
  expect(before).toBeLessThan(200);
  const second = await consume();
  await second.start();
  await until(() => new Set(handled).size >= 200);
  await second.stop({ deadline: soon() });
  expect(new Set(handled).size).toBe(200);
});

test('records that wait keep their own bytes in memory, and not the blocks that they were fetched with', async () => {
  const topic = await world.topic({ partitions: 1 });
  const groupId = `g-${randomUUID()}`;
  const publisher = createPublisher({ client: world.client });
  const large = 'x'.repeat(64 << 10);
  for (let index = 0; index < 300; index += 1) {
    const small = { topic, key: `waits-${index}`, value: 'small', headers: {} };
    await publisher.publish([small, { topic, key: 'passes', value: large, headers: {} }]);
  }
  await publisher.stop({ deadline: soon() });
  const counts = { waiting: 0, passed: 0 };
  const before = buffersInUse();
  const consumer = await laneConsumer({
    groupId,
    topic,
    handle: async ({ key, rawValue }, { ending }) => {
      if (key === 'passes') {
        counts.passed += 1;
        return 'done';
      }
      counts.waiting += 1;
      await pause(120_000, ending);
      // Still in use until here.
      expect(rawValue?.toString()).toBe('small');
      return 'abandoned';
    },
  });
  await consumer.start();
  await until(() => counts.passed === 300 && counts.waiting === 300);
  // Of 19 MiB; the fetch that was under way gives its own block back after a while.
  await until(() => buffersInUse() - before < 3 << 20);
  await consumer.stop({ deadline: soon() });
});

test('members that come and go lose nothing, keep the order of a key, and repeat only what was finished before its neighbours', async () => {
  const topic = await world.topic({ partitions: 4 });
  const groupId = `g-${randomUUID()}`;
  const handled: { member: string; key: string | null; value: number }[] = [];
  const consume = (name: string) =>
    laneConsumer({
      groupId,
      topic,
      handle: async ({ key, value }) => {
        await pause(10 + Math.random() * 40);
        handled.push({ member: name, key, value: Number(value) });
        return 'done';
      },
    });
  const [first, second, third] = (await Promise.all(['a', 'b', 'c'].map(consume))) as [
    LaneConsumer,
    LaneConsumer,
    LaneConsumer,
  ];
  await first.start();
  const flow = flowInto(topic, 40);
  await until(() => handled.length >= 50);
  await second.start();
  await until(() => handled.some(({ member }) => member === 'b'));
  await third.start();
  await until(() => handled.some(({ member }) => member === 'c'));
  await second.stop({ deadline: soon() });
  const produced = await flow.stop();
  const values = () => handled.map(({ value }) => value);
  await until(() => new Set(values()).size >= produced);
  await Promise.all([first.stop({ deadline: soon() }), third.stop({ deadline: soon() })]);

  expect([...new Set(values())].toSorted((a, b) => a - b)).toEqual([...Array(produced).keys()]);
  for (let key = 0; key < 40; key += 1) {
    const ofKey = [...new Set(handled.filter((one) => one.key === `c${key}`).map(({ value }) => value))];
    expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
  }
  // Every record of a member that left was committed but for those behind one that it had not begun.
  expect(handled.length - produced).toBeLessThan(60);
});

test('the ledger is read to its end before the first record is handled, partition by partition', async () => {
  const [topic, ledgerTopic] = [await world.topic(), await world.topic()];
  await fill(topic, 100, 20);
  await fill(ledgerTopic, 60, 20);
  const known = new Map<number, Set<string>>();
  const handled: { partition: number; value: string; known: boolean }[] = [];
  const consumer = await laneConsumer({
    groupId: `g-${randomUUID()}`,
    topic,
    ledger: {
      topic: ledgerTopic,
      rewindMs: 60_000,
      onOpen: (partition) => known.set(partition, new Set()),
      onRecord: ({ partition, value }) => known.get(partition)?.add(value ?? ''),
    },
    handle: async ({ partition, value }) => {
      handled.push({ partition, value: value ?? '', known: known.get(partition)?.has(value ?? '') ?? false });
      return 'done';
    },
  });
  await consumer.start();
  await until(() => handled.length >= 100);
  await consumer.stop({ deadline: soon() });
  expect(handled).toHaveLength(100);
  expect(
    handled
      .filter((one) => one.known)
      .map(({ value }) => Number(value))
      .toSorted((a, b) => a - b),
  ).toEqual([...Array(60).keys()]);
});

test('a full window pauses its partition until half of it is finished, and asks as many to give way', async () => {
  const topic = await world.topic({ partitions: 1 });
  await fill(topic, 60, 60);
  const crowded: number[] = [];
  const release: (() => void)[] = [];
  const consumer = await laneConsumer({
    groupId: `g-${randomUUID()}`,
    topic,
    maxUnfinished: 20,
    onCrowded: (partition) => crowded.push(partition),
    handle: async () => {
      await new Promise<void>((resolve) => release.push(resolve));
      return 'done';
    },
  });
  await consumer.start();
  await until(() => release.length === 20);
  await pause(700);
  expect(release).toHaveLength(20);
  expect(crowded).toEqual([0]);
  const gaveWay = [...Array(20).keys()].filter((offset) => consumer.mustGiveWay({ partition: 0, offset: `${offset}` }));
  expect(gaveWay).toHaveLength(11);
  for (const one of release.slice(0, 11)) one();
  await until(() => release.length > 20);
  for (let index = 11; index < 60; index += 1) {
    await until(() => release.length > index);
    release[index]?.();
  }
  await consumer.stop({ deadline: soon() });
  expect(release).toHaveLength(60);
});

test('a window that is four fifths full is told, and asks only what is above to give way', async () => {
  const topic = await world.topic({ partitions: 1 });
  await fill(topic, 18, 18);
  const crowded: number[] = [];
  const release: (() => void)[] = [];
  const consumer = await laneConsumer({
    groupId: `g-${randomUUID()}`,
    topic,
    maxUnfinished: 20,
    onCrowded: (partition) => crowded.push(partition),
    handle: async () => {
      await new Promise<void>((resolve) => release.push(resolve));
      return 'done';
    },
  });
  await consumer.start();
  await until(() => release.length === 18 && crowded.length > 0);
  const gaveWay = [...Array(18).keys()].filter((offset) => consumer.mustGiveWay({ partition: 0, offset: `${offset}` }));
  expect(gaveWay).toEqual([0, 1, 2]);
  expect(consumer.unfinished().get(0)?.records).toBe(18);
  for (const one of release) one();
  await consumer.stop({ deadline: soon() });
});

test('a member that its group hears no more begins nothing that the next owner does, and stores and commits nothing late', async () => {
  const topic = await world.topic({ partitions: 2 });
  const groupId = `g-${randomUUID()}`;
  const publisher = createPublisher({ client: world.client });
  const values = [...Array(600).keys()].map(String);
  const steps = values.map((value) => ({ topic, partition: 0, key: 'one', value, headers: {} }));
  await publisher.publish([...steps, { topic, partition: 1, key: 'hangs', value: 'hangs', headers: {} }]);
  await publisher.stop({ deadline: soon() });

  const begun = { first: [] as (string | null)[], second: [] as (string | null)[] };
  let storesLate: boolean | undefined;
  const { client, mute } = mutableClient(world.brokers);
  const first = await laneConsumer({
    client,
    groupId,
    topic,
    handle: async ({ value }, { mayBegin, storeBy, ended }) => {
      if (!(await mayBegin())) return 'abandoned';
      begun.first.push(value);
      await pause(value === 'hangs' ? 120_000 : 100, ended);
      const stores = (await storeBy()) !== undefined;
      if (value === 'hangs') storesLate = stores;
      return stores ? 'done' : 'abandoned';
    },
  });
  await first.start();
  await until(() => begun.first.length > 20);
  mute(true);
  const second = await laneConsumer({
    groupId,
    topic,
    handle: async ({ value }) => {
      begun.second.push(value);
      return 'done';
    },
  });
  await second.start();
  await until(() => begun.second.includes('599'), 60_000);
  mute(false);
  await until(() => storesLate !== undefined);
  await Promise.all([first.stop({ deadline: soon() }), second.stop({ deadline: soon() })]);

  // It goes on while it may be sure, and no longer, though it has taken all of them.
  expect(begun.first.length).toBeGreaterThan(50);
  expect(begun.second.length).toBeGreaterThan(50);
  expect(begun.first.filter((value) => begun.second.includes(value))).toEqual(['hangs']);
  expect(new Set([...begun.first, ...begun.second]).size).toBe(601);
  expect(storesLate).toBe(false);
  expect(await committed(groupId, topic)).toBe(601);
});
