import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { consumeInTransactions } from './consume-in-transactions.ts';
import { createPublisher } from './publisher.ts';
import type { ConsumedRecord } from './records.ts';
import { storeAlone } from './store-planned.ts';
import type { PlanRecords, Storing } from './store-planned.ts';
import { contentOf, kafkaWorld } from './testing/world.ts';
import { TopicRefusal } from './topic-refusal.ts';
import { withAdmin } from './topics.ts';

const world = kafkaWorld();
vi.setConfig({ testTimeout: 90_000 });
const member = { memberId: 'm', generationId: 1 };
const soon = () => new Date(Date.now() + 15_000);

/** A router of small: keys that begin with `own` have a topic of their own, and what that refuses goes to a third one. */
async function startRouting(own: string) {
  const [input, shared, dead] = [await world.topic({ partitions: 1 }), await world.topic(), await world.topic()];
  const seen = { refusals: [] as TopicRefusal[], recalled: 0, forgotten: 0, patience: 0 };
  const plan: PlanRecords = (records, refusals) => {
    const [last] = refusals.slice(-1);
    if (last) seen.refusals.push(last);
    if (last && seen.patience-- > 0) return undefined;
    const topicOf = (key: string | null) => (!key?.startsWith('own') ? shared : refusals.length > 0 ? dead : own);
    const outgoing = records.map(({ key, value }) => ({ topic: topicOf(key), key, value, headers: {} }));
    return { outgoing, stored: () => {} };
  };
  const consumer = consumeInTransactions({
    client: world.client,
    groupId: `g-${randomUUID()}`,
    topic: input,
    plan,
    forget: () => void (seen.forgotten += 1),
    recall: () => void (seen.recalled += 1),
    recallMs: 60_000,
    onFatal: (error) => {
      throw error;
    },
  });
  const publisher = createPublisher({ client: world.client });
  return {
    shared,
    dead,
    seen,
    start: consumer.start,
    publish: (records: [key: string, value: string][]) =>
      publisher.publish(records.map(([key, value]) => ({ topic: input, key, value, headers: {} }))),
    /** Short values as they are, long ones by their first letters. */
    content: async (topic: string, count: number) =>
      (await contentOf(world.client, topic, count)).map(({ value }) => value?.slice(0, 8)),
    async stop() {
      await consumer.stop({ deadline: soon() });
      await publisher.stop({ deadline: soon() });
    },
  };
}

const large = (name: string) => name + 'x'.repeat(20_000);

test('records that a topic finds too large are planned anew alone, and their neighbours go on, once and in order', async () => {
  const own = await world.topic({ maxMessageBytes: 10_000 });
  const routing = await startRouting(own);
  const records = Array.from({ length: 40 }, (_, index): [string, string] => [
    ['own', 'a', 'b'][index % 3] ?? '',
    [3, 33].includes(index) ? large(`${index}`.padEnd(8, '-')) : String(index),
  ]);
  await routing.publish(records);
  await routing.start();

  expect(await routing.content(routing.dead, 2)).toEqual(['3-------', '33------']);
  const small = (key: string) => records.flatMap(([one, value]) => (one === key && value.length < 9 ? [value] : []));
  expect(await routing.content(own, 12)).toEqual(small('own'));
  const others = await contentOf(world.client, routing.shared, 26);
  for (const key of ['a', 'b'])
    expect(others.flatMap((one) => (one.key === key ? [one.value] : []))).toEqual(small(key));
  expect(new Set(routing.seen.refusals.map(({ topic, kind }) => `${kind} ${topic}`))).toEqual(
    new Set([`too-large ${own}`]),
  );
  // What was remembered is remembered still.
  expect(routing.seen).toMatchObject({ forgotten: 1, recalled: 0 });
  await routing.stop();
});

test('a topic that is gone is waited for as long as the plan says, then done without, and written again once it is back', async () => {
  const own = await world.topic();
  const routing = await startRouting(own);
  await routing.start();
  await routing.publish([
    ['own', 'before'],
    ['a', 'before'],
  ]);
  expect(await routing.content(own, 1)).toEqual(['before']);

  routing.seen.patience = 3;
  await withAdmin(world.client, (admin) => admin.deleteTopics({ topics: [own] }));
  await routing.publish([
    ['a', 'first'],
    ['own', 'gone'],
    ['a', 'behind'],
  ]);
  expect(await routing.content(routing.dead, 1)).toEqual(['gone']);
  expect(await routing.content(routing.shared, 3)).toEqual(['before', 'first', 'behind']);
  expect(routing.seen.refusals).toHaveLength(4);
  expect(routing.seen.refusals.every(({ topic, kind }) => topic === own && kind === 'unavailable')).toBe(true);
  expect(routing.seen).toMatchObject({ forgotten: 1, recalled: 0 });

  await world.topic({}, own);
  await routing.publish([['own', 'back']]);
  expect(await routing.content(own, 1)).toEqual(['back']);
  await routing.stop();
});

test('a topic that is gone is done without in the halves of a batch, too', async () => {
  const record = (offset: number, key: string) => ({ offset: String(offset), key, value: '' }) as ConsumedRecord;
  const records = [record(0, 'a'), record(1, 'gone'), record(2, 'a'), record(3, 'large'), record(4, 'gone')];
  const stored: [topic: string, next: bigint][] = [];
  let renewed = 0;
  const writer: Storing['writer'] = {
    async write(outgoing, offsets) {
      const [refused] = outgoing.filter(({ topic }) => topic === 'gone' || topic === 'large');
      const kind = refused?.topic === 'large' ? 'too-large' : 'unavailable';
      if (refused) throw new TopicRefusal(refused.topic, kind, new Error('no'));
      stored.push(...outgoing.map(({ topic }): [string, bigint] => [topic, offsets.get(7) ?? -1n]));
    },
    renew: () => void (renewed += 1),
  };
  const owner = { partition: 7, member, next: 0n, recalled: true, isInDoubt: false };
  const asked: string[][] = [];
  const ends = { stored: 0, failed: 0 };
  const plan: PlanRecords = (some, refusals) => {
    asked.push(refusals.map(({ topic }) => topic));
    const refused = new Set(refusals.map(({ topic }) => topic));
    const topicOf = (key: string | null) => (refused.has(key ?? '') ? `dead ${key}` : (key ?? ''));
    const outgoing = some.map(({ key, value }) => ({ topic: topicOf(key), key, value, headers: {} }));
    return { outgoing, stored: () => void (ends.stored += 1), failed: () => void (ends.failed += 1) };
  };
  const passed: string[] = [];
  const work = { owner, records, stale: () => false, heartbeat: async () => void (heartbeats += 1) };
  let heartbeats = 0;
  await storeAlone(
    { ...work, passed: async (some) => void passed.push(...some.map(({ offset }) => offset)) },
    { plan, writer },
  );
  expect(stored.map(([topic]) => topic)).toEqual(['a', 'dead gone', 'a', 'dead large', 'dead gone']);
  expect(passed).toEqual(['0', '1', '2', '3', '4']);
  expect(owner.next).toBe(5n);
  // After each refusal the writer is given up.
  expect(renewed).toBe(asked.length - 4);
  expect(heartbeats).toBe(renewed);
  // Told once, it is not tried again.
  expect(asked.slice(1).every((refused) => refused.includes('gone'))).toBe(true);
  // Each plan has one end.
  expect(ends).toEqual({ stored: 4, failed: asked.length - 4 });
});
