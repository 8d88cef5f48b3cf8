import { randomUUID } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { createGroupConsumer } from './consumer.ts';
import { pause } from './pause.ts';
import { createPublisher } from './publisher.ts';
import { clientOf, kafkaWorld } from './testing/world.ts';

const world = kafkaWorld();
const soon = () => new Date(Date.now() + 10_000);
afterEach(() => vi.restoreAllMocks());

type GroupOptions = Parameters<typeof createGroupConsumer>[0];

/** A member of a group of its own, on a topic with one record, fetching. */
async function joined(
  eachBatch: GroupOptions['eachBatch'] = async () => {},
  onFatal: GroupOptions['onFatal'] = () => {},
) {
  const topic = await world.topic({ partitions: 1 });
  const publisher = createPublisher({ client: world.client });
  await publisher.publish([{ topic, key: 'a', value: '1', headers: {} }]);
  await publisher.stop({ deadline: soon() });
  const given = { client: world.client, groupId: `g-${randomUUID()}`, topics: [topic] } as const;
  const group = createGroupConsumer({ ...given, topics: [topic], eachBatch, onAssigned() {}, onFatal });
  await group.start();
  await vi.waitUntil(() => group.ready() === true, { timeout: 20_000 });
  return { ...group, topic };
}

/** Stands where the test puts it. */
function stoppedClock() {
  const now = performance.now();
  const clock = vi.spyOn(performance, 'now');
  return { at: (seconds: number) => void clock.mockReturnValue(now + seconds * 1_000) };
}

test('a consumer is alive while it fetches, also with nothing to read, and not after five silent minutes', async () => {
  const group = await joined();
  expect(group.alive()).toBe(true);
  const clock = stoppedClock();
  clock.at(290);
  expect(group.alive()).toBe(true);
  // It goes on fetching while the clock stands at its new place.
  await pause(1_200);
  clock.at(580);
  expect(group.alive()).toBe(true);
  await group.leave({ deadline: soon() });
  clock.at(1_500);
  expect(group.alive()).toMatch(/has done nothing for \d+ s/);
});

test('a paused consumer is alive', async () => {
  const group = await joined();
  group.consumer.pause([{ topic: group.topic }]);
  const clock = stoppedClock();
  clock.at(290);
  await pause(1_200);
  clock.at(580);
  expect(group.alive()).toBe(true);
  await group.leave({ deadline: soon() });
});

test('a consumer whose handler does not end is not alive, though its heartbeats go on, until the handler ends', async () => {
  const end = new AbortController();
  const handling = Promise.withResolvers<void>();
  const group = await joined(async ({ heartbeat }) => {
    handling.resolve();
    while (!end.signal.aborted) {
      await heartbeat();
      await pause(20);
    }
  });
  await handling.promise;
  const clock = stoppedClock();
  clock.at(310);
  const beat = Promise.withResolvers<void>();
  group.consumer.on(group.consumer.events.HEARTBEAT, () => beat.resolve());
  await beat.promise;
  expect(group.ready()).toBe(true);
  expect(group.alive()).toMatch(/has done nothing for 3\d\d s/);
  end.abort();
  await vi.waitUntil(() => group.alive() === true);
  await group.leave({ deadline: soon() });
});

test('a consumer whose handler takes long is alive while it finishes records', async () => {
  const end = new AbortController();
  let steps = 0;
  const group = await joined(async ({ batch, resolveOffset }) => {
    for (; !end.signal.aborted; steps += 1) {
      resolveOffset(batch.messages[0]?.offset ?? '0');
      await pause(20);
    }
  });
  await vi.waitUntil(() => steps > 0, { timeout: 20_000 });
  const clock = stoppedClock();
  clock.at(310);
  const before = steps;
  await vi.waitUntil(() => steps > before + 1);
  expect(group.alive()).toBe(true);
  end.abort();
  await group.leave({ deadline: soon() });
});

test('a consumer whose topic is gone starts anew after ever longer pauses, until the topic is back or it leaves', async () => {
  const fatal = vi.fn();
  const group = await joined(undefined, fatal);
  let crashes = 0;
  group.consumer.on(group.consumer.events.CRASH, () => void (crashes += 1));
  const admin = world.client.open().admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [group.topic] });
  // The first two are those that kafkajs tried again before.
  await vi.waitUntil(() => crashes > 2, { timeout: 20_000 });
  await pause(3_000);
  expect(crashes).toBeLessThan(10);
  await admin.createTopics({ topics: [{ topic: group.topic, numPartitions: 1 }] });
  await vi.waitUntil(() => group.ready() === true, { timeout: 20_000 });
  await admin.deleteTopics({ topics: [group.topic] });
  const before = crashes;
  await vi.waitUntil(() => crashes > before + 1, { timeout: 20_000 });
  await group.leave({ deadline: soon() });
  await admin.disconnect();
  expect(fatal).not.toHaveBeenCalled();
});

test('one that meets no broker at its start says so, with the exit code for it', async () => {
  const given = {
    client: clientOf('127.0.0.1:1'),
    groupId: 'g',
    eachBatch: async () => {},
    onAssigned() {},
    onFatal() {},
  };
  const group = createGroupConsumer({ ...given, topics: ['t'] });
  await expect(group.start()).rejects.toMatchObject({ name: 'BrokerUnreachableError', exitCode: 69 });
  await group.leave({ deadline: soon() });
});

test(
  'of partitions that have plenty each gets its turn, and a record larger than a turn comes, too',
  { timeout: 60_000 },
  async () => {
    const partitions = Array.from({ length: 16 }, (_, partition) => partition);
    const topic = await world.topic({ partitions: partitions.length });
    const publisher = createPublisher({ client: world.client });
    const fill = (partition: number, bytes: number) =>
      publisher.publish([{ topic, partition, key: null, value: Buffer.alloc(bytes), headers: {} }]);
    for (let round = 0; round < 24; round += 1) await Promise.all(partitions.map((one) => fill(one, 400 << 10)));
    await fill(7, 3 << 20);
    await publisher.stop({ deadline: soon() });

    const came: number[] = [];
    const group = createGroupConsumer({
      client: world.client,
      groupId: `g-${randomUUID()}`,
      topics: [topic],
      async eachBatch({ batch, resolveOffset }) {
        came.push(...batch.messages.map(() => batch.partition));
        resolveOffset(batch.lastOffset());
      },
      onAssigned() {},
      onFatal() {},
    });
    await group.start();
    await vi.waitUntil(() => came.length === 16 * 24 + 1, { timeout: 50_000 });
    await group.leave({ deadline: soon() });
    // A response holds twelve turns of two records, of partitions that are drawn by lot: half of all records are eight of
    // them. In a fixed order these would be the same twelve partitions.
    expect(new Set(came.slice(0, 192)).size).toBe(16);
  },
);
