import { topicNames } from '@bridge/schemas';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fakeBroker } from './testing/fake-broker.ts';
import type { Behaviour } from './testing/fake-broker.ts';
import { memoryDatabase } from './testing/memory-database.ts';
import { eventRecord, idOf } from './testing/spooled-records.ts';
import { startSpooledStore } from './testing/spooled-ingress.ts';

const soon = (ms = 5_000) => ({ deadline: new Date(Date.now() + ms) });
const { deadLetters } = topicNames('test');

async function start({ maxBytes = 1 << 30, broker = fakeBroker(), database = memoryDatabase() } = {}) {
  const ingress = await startSpooledStore({ client: broker.client(), database, maxBytes });
  onTestFinished(() => ingress.stop());
  const spooled = () => ingress.metric('bridge_ingress_spooled_records_total');
  const storedIds = () => broker.stored.map(idOf);
  const untilEmpty = () => vi.waitUntil(() => ingress.spool.isEmpty(), { timeout: 20_000, interval: 5 });
  return { ...ingress, broker, database, spooled, storedIds, untilEmpty };
}

/** The broker does the first requests as told, and all others as it should. */
function inTurn(...behaviours: Behaviour[]): () => Behaviour {
  return () => behaviours.shift() ?? {};
}

describe('while the broker takes events', () => {
  test('the spool has none of them', async () => {
    const ingress = await start();
    for (const id of ['1', '2', '3']) await ingress.store([eventRecord(id)], soon());
    expect(ingress.storedIds()).toEqual(['1', '2', '3']);
    expect(await ingress.spooled()).toBe(0);
    expect(ingress.notReady()).toEqual([]);
  });

  test('an event that is too large for it is refused', async () => {
    const ingress = await start({ broker: fakeBroker({ maxRecordBytes: 1_000 }) });
    const large = eventRecord('large', { text: 'x'.repeat(2_000) });
    const calls = [large, eventRecord('fine')].map((record) => ingress.store([record], soon()));
    const results = await Promise.allSettled(calls);
    expect(results).toMatchObject([{ status: 'rejected', reason: { kind: 'too-large' } }, { status: 'fulfilled' }]);
    expect(ingress.storedIds()).toEqual(['fine']);
    expect(await ingress.spooled()).toBe(0);
  });
});

describe('while the broker is away', () => {
  test('events are kept at their deadline, later ones at once, and all are published in order when it is back', async () => {
    const ingress = await start();
    ingress.broker.isReachable = false;
    const first = ingress.store([eventRecord('1')], soon(100));
    await expect(first).resolves.toBeUndefined();
    await ingress.store([eventRecord('2'), eventRecord('3')], soon(60_000));
    expect(await ingress.spooled()).toBe(3);
    expect(await ingress.metric('bridge_ingress_spool_records')).toBe(3);
    expect(await ingress.metric('bridge_ingress_spool_bytes')).toBe(ingress.spool.size().bytes);
    expect(await ingress.metric('bridge_ingress_spool_oldest_age_seconds')).toBeGreaterThan(0);
    expect(ingress.notReady()).toEqual([]);
    ingress.broker.isReachable = true;
    await ingress.untilEmpty();
    expect(ingress.storedIds()).toEqual(['1', '2', '3']);
    expect(await ingress.metric('bridge_ingress_spool_records')).toBe(0);
    expect(await ingress.metric('bridge_ingress_spool_oldest_age_seconds')).toBe(0);
    await ingress.store([eventRecord('4')], soon());
    expect(await ingress.spooled()).toBe(3);
  });

  test('an event that no topic takes is refused, and not kept', async () => {
    const ingress = await start();
    ingress.broker.isReachable = false;
    await ingress.store([eventRecord('kept')], soon(50));
    const large = eventRecord('large', { text: 'x'.repeat(5 << 20) });
    await expect(ingress.store([large], soon())).rejects.toMatchObject({ kind: 'too-large' });
    expect(ingress.spool.size().records).toBe(1);
  });

  test('and the spool is full, events are refused, and the ingress is not ready', async () => {
    const ingress = await start({ maxBytes: 1_000 });
    ingress.broker.isReachable = false;
    const text = 'x'.repeat(600);
    await ingress.store([eventRecord('1', { text })], soon(50));
    await expect(ingress.store([eventRecord('2', { text })], soon())).rejects.toMatchObject({ kind: 'overloaded' });
    expect(ingress.notReady()).toEqual([expect.stringMatching('full')]);
    ingress.broker.isReachable = true;
    await ingress.untilEmpty();
    expect(ingress.notReady()).toEqual([]);
    await ingress.store([eventRecord('3', { text })], soon());
    expect(ingress.storedIds()).toEqual(['1', '3']);
  });

  test('and the disk takes nothing, events are refused, and kept again as soon as it does', async () => {
    const database = memoryDatabase();
    let isBroken = true;
    const checked = <A extends unknown[], R>(work: (...given: A) => R) => {
      return (...given: A) => {
        if (isBroken) throw new Error('disk I/O error');
        return work(...given);
      };
    };
    const { insert, tryWriting } = database;
    const ingress = await start({
      database: { ...database, insert: checked(insert), tryWriting: checked(tryWriting) },
    });
    ingress.broker.isReachable = false;
    await expect(ingress.store([eventRecord('1')], soon(50))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(ingress.notReady()).toEqual(['the spool failed: disk I/O error']);
    isBroken = false;
    // Nobody sends anything to one that is not ready: it must find out by itself.
    await vi.waitUntil(() => ingress.notReady().length === 0, { timeout: 20_000 });
    await ingress.store([eventRecord('2')], soon(50));
    ingress.broker.isReachable = true;
    await ingress.untilEmpty();
    expect(ingress.storedIds()).toEqual(['2']);
  });
});

describe('no conversation overtakes itself', () => {
  test('when the broker comes back after the deadline of one event and before that of the next', async () => {
    const ingress = await start();
    ingress.broker.isReachable = false;
    const first = ingress.store([eventRecord('1')], soon(60));
    const second = ingress.store([eventRecord('2')], soon(60_000));
    await first;
    ingress.broker.isReachable = true;
    await second;
    await ingress.untilEmpty();
    expect(ingress.storedIds()).toEqual(['1', '2']);
  });

  test('when a request fails and the next ones wait behind it', async () => {
    const ingress = await start();
    ingress.broker.next = inTurn({ ms: 30, end: 'refused' });
    const calls = [ingress.store([eventRecord('1')], soon())];
    await vi.waitUntil(() => ingress.broker.requests === 1, { interval: 1 });
    calls.push(...['2', '3'].map((id) => ingress.store([eventRecord(id)], soon())));
    await Promise.all(calls);
    await ingress.untilEmpty();
    expect(ingress.storedIds()).toEqual(['1', '2', '3']);
  });

  test('when the publisher takes no more while earlier events wait in it', async () => {
    const ingress = await start();
    ingress.broker.isReachable = false;
    // 64 MiB may wait.
    const records = Array.from({ length: 20 }, (_, index) => eventRecord(`${index}`, { text: 'x'.repeat(3_900_000) }));
    const calls = records.map((record) => ingress.store([record], soon(60_000)));
    await Promise.all(calls);
    ingress.broker.isReachable = true;
    await ingress.untilEmpty();
    expect(ingress.storedIds()).toEqual(records.map(idOf));
  });

  test('when events come while the spool is being emptied', async () => {
    const ingress = await start();
    ingress.broker.isReachable = false;
    await ingress.store([eventRecord('0')], soon(50));
    ingress.broker.next = () => ({ ms: 2 });
    ingress.broker.isReachable = true;
    await vi.waitUntil(() => ingress.broker.requests === 1, { timeout: 5_000, interval: 1 });
    const ids = Array.from({ length: 200 }, (_, index) => String(index + 1));
    for (const id of ids) {
      await ingress.store([eventRecord(id)], soon());
      // Now and then it becomes empty meanwhile.
      if (Number(id) % 20 === 0) await ingress.untilEmpty();
    }
    await ingress.untilEmpty();
    expect(ingress.storedIds()).toEqual(['0', ...ids]);
    expect(await ingress.spooled()).toBeLessThan(200);
  });
});

describe('an event that the broker refuses, though it was kept', () => {
  const lettersTotal = `bridge_dead_letters_total{topic="${topicNames('test').inboundEvents}",reason="too-large"}`;

  async function withLargeEvent({ topics = [deadLetters], refusing = [] as string[] } = {}) {
    const ingress = await start({ broker: fakeBroker({ maxRecordBytes: 1_000 }) });
    ingress.broker.topics.push(...topics);
    ingress.broker.refusing.push(...refusing);
    ingress.broker.isReachable = false;
    const records = ['1', 'large', '2'].map((id) => eventRecord(id, id === 'large' ? { text: 'x'.repeat(2_000) } : {}));
    await Promise.all(records.map((record) => ingress.store([record], soon(50))));
    ingress.broker.isReachable = true;
    const publishedIds = () => ingress.broker.stored.filter(({ topic }) => topic !== deadLetters).map(idOf);
    const letters = () => ingress.broker.stored.filter(({ topic }) => topic === deadLetters);
    return { ...ingress, large: records[1], publishedIds, letters };
  }

  test('becomes a dead letter, and holds up nothing', async () => {
    const { large, metric, publishedIds, letters, untilEmpty } = await withLargeEvent();
    await untilEmpty();
    expect(new Set(publishedIds())).toEqual(new Set(['1', '2']));
    const [letter, ...others] = letters();
    expect(others).toEqual([]);
    expect(String(letter?.value)).toBe(large?.value);
    expect(String(letter?.key)).toBe(large?.key);
    expect(letter?.headers).toMatchObject({
      ...large?.headers,
      'x-dead-letter-topic': large?.topic,
      'x-dead-letter-partition': expect.stringMatching(/^\d+$/),
      'x-dead-letter-offset': expect.stringMatching(/^\d+$/),
      'x-dead-letter-stage': 'ingress',
      'x-dead-letter-reason': 'too-large',
      'x-dead-letter-attempts': '1',
      'x-dead-letter-replays': '0',
    });
    expect(await metric(lettersTotal)).toBe(1);
  });

  test('waits, with all behind it, and nothing before it is repeated, while its dead letter is only not taken for now', async () => {
    const { broker, database, lines, metric, publishedIds, letters, untilEmpty, spool } = await withLargeEvent({
      refusing: [deadLetters],
    });
    const tries = () => lines.filter((line) => line === 'the spool waits; trying again').length;
    await vi.waitUntil(() => tries() >= 3, { timeout: 10_000 });
    expect(spool.size().records).toBe(2);
    expect(database.aside).toEqual([]);
    // Once with the whole batch, once alone.
    expect(publishedIds()).toEqual(['1', '1']);
    broker.refusing = [];
    await untilEmpty();
    expect(publishedIds()).toEqual(['1', '1', '2']);
    expect(letters()).toHaveLength(1);
    expect(database.aside).toEqual([]);
    expect(await metric(lettersTotal)).toBe(1);
  });

  test('is set aside where no dead letter can ever be written', async () => {
    const { database, large, lines, metric, publishedIds, untilEmpty } = await withLargeEvent({ topics: [] });
    await untilEmpty();
    expect(new Set(publishedIds())).toEqual(new Set(['1', '2']));
    expect(database.aside.map(({ value }) => value)).toEqual([large?.value]);
    expect(lines).toContainEqual(expect.stringMatching('set aside'));
    expect(await metric('bridge_ingress_spool_set_aside_records')).toBe(1);
    expect(await metric(lettersTotal)).toBe(0);
  });
});

test('what was published and can not be deleted is not published again', async () => {
  const database = memoryDatabase();
  let failures = 0;
  const removeUpTo = (number: number) => {
    failures += 1;
    if (failures <= 4) throw new Error('database or disk is full');
    return database.removeUpTo(number);
  };
  const ingress = await start({ database: { ...database, removeUpTo } });
  ingress.broker.isReachable = false;
  await ingress.store([eventRecord('1')], soon(50));
  ingress.broker.isReachable = true;
  await ingress.untilEmpty();
  expect(failures).toBe(5);
  expect(ingress.storedIds()).toEqual(['1']);
});

describe('a stop', () => {
  test('finishes the batch that is under way, and leaves the rest to the next process', async () => {
    const first = await start();
    first.broker.isReachable = false;
    const records = Array.from({ length: 1_500 }, (_, index) => eventRecord(String(index)));
    await first.store(records, soon(50));
    first.broker.next = () => ({ ms: 100 });
    first.broker.isReachable = true;
    await vi.waitUntil(() => first.broker.requests === 1, { timeout: 5_000 });
    await first.stop();
    expect(first.storedIds()).toEqual(records.slice(0, 1_000).map(idOf));
    const second = await start({ broker: first.broker, database: first.database });
    await second.untilEmpty();
    expect(second.storedIds()).toEqual(records.map(idOf));
  });

  test('without a broker does not wait for one', async () => {
    const first = await start();
    first.broker.isReachable = false;
    await first.store([eventRecord('1')], soon(50));
    await first.stop(new Date(Date.now() + 600_000));
    first.broker.isReachable = true;
    const second = await start({ broker: first.broker, database: first.database });
    await second.untilEmpty();
    expect(second.storedIds()).toEqual(['1']);
  });
});
