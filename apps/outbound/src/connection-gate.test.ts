import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConnectionGate } from './connection-gate.ts';
import type { Entry } from './connection-gate.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** How many of a partition must give way. */
const crowded = new Map<number, number>();
function mustGiveWay({ partition }: { partition: number }): boolean {
  const left = crowded.get(partition) ?? 0;
  crowded.set(partition, left - 1);
  return left > 0;
}
const limits = { requestsPerSecond: 5, burst: 3, concurrency: 2 };

function world(changes: Partial<typeof limits> = {}) {
  crowded.clear();
  const gate = createConnectionGate({ ...limits, ...changes }, mustGiveWay);
  const entries: (Entry | undefined)[] = [];
  function enter(partition = 0, { signal = new AbortController().signal, ms = 3_600_000 } = {}): void {
    const index = entries.push(undefined) - 1;
    const wait = { partition, offset: String(index), signal, until: new Date(Date.now() + ms) };
    void gate.enter(wait).then((entry) => (entries[index] = entry));
  }
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return { gate, enter, entries, settle };
}

test('so many calls at once, the next when one leaves, in the order they came', async () => {
  const { gate, enter, entries, settle } = world();
  for (let count = 0; count < 4; count += 1) enter();
  await settle();
  expect(entries).toEqual(['entered', 'entered', undefined, undefined]);
  gate.leave('ok');
  await settle();
  expect(entries).toEqual(['entered', 'entered', 'entered', undefined]);
});

test('the order holds when some at its front leave, and when others come after all have gone', async () => {
  const { gate, enter, entries, settle } = world({ concurrency: 1, burst: 1_000 });
  const stop = new AbortController();
  enter();
  enter(0, { signal: stop.signal });
  enter(0, { ms: 10 });
  enter();
  enter();
  await settle();
  stop.abort();
  await vi.advanceTimersByTimeAsync(10);
  expect(entries).toEqual(['entered', 'stopped', 'late', undefined, undefined]);
  for (let count = 0; count < 3; count += 1) gate.leave('ok');
  await settle();
  expect(entries.slice(3)).toEqual(['entered', 'entered']);
  expect(gate.inFlight()).toBe(0);
  for (let count = 0; count < 3; count += 1) enter();
  gate.leave('ok');
  await settle();
  expect(entries.slice(5)).toEqual(['entered', 'entered', undefined]);
});

test('so many a second once the burst is used up', async () => {
  const { enter, entries, settle } = world({ concurrency: 100 });
  for (let count = 0; count < 6; count += 1) enter();
  await settle();
  expect(entries.filter(Boolean)).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(205);
  expect(entries.filter(Boolean)).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(400);
  expect(entries.filter(Boolean)).toHaveLength(6);
});

test('while the breaker is open nobody enters; then a single call tries, and its success lets the others in', async () => {
  const { gate, enter, entries, settle } = world({ burst: 100, requestsPerSecond: 100 });
  for (let count = 0; count < 10; count += 1) {
    enter();
    await settle();
    gate.leave('failed');
  }
  expect(gate.state()).toBe('open');
  for (let count = 0; count < 3; count += 1) enter();
  await vi.advanceTimersByTimeAsync(9_900);
  expect(entries.slice(10)).toEqual([undefined, undefined, undefined]);
  await vi.advanceTimersByTimeAsync(200);
  expect(entries.slice(10)).toEqual(['entered', undefined, undefined]);
  gate.leave('ok');
  await settle();
  expect(entries.slice(10)).toEqual(['entered', 'entered', 'entered']);
});

test('waiting ends with its time, or with its signal', async () => {
  const { gate, enter, entries } = world({ concurrency: 1 });
  const stop = new AbortController();
  enter();
  enter(0, { ms: 500 });
  enter(0, { signal: stop.signal });
  await vi.advanceTimersByTimeAsync(501);
  expect(entries).toEqual(['entered', 'late', undefined]);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(entries).toEqual(['entered', 'late', 'stopped']);
  expect(gate.waiting()).toBe(0);
});

test('of those that wait for an open breaker the oldest give way, as many as must, in the crowded partition only', async () => {
  const { gate, enter, entries, settle } = world();
  enter();
  await settle();
  gate.leave('key-refused');
  for (const partition of [2, 1, 1, 1]) enter(partition);
  crowded.set(1, 2);
  gate.crowdOut(1);
  await settle();
  expect(entries).toEqual(['entered', undefined, 'crowded-out', 'crowded-out', undefined]);
  crowded.set(1, 1);
  enter(1);
  await settle();
  expect(entries.slice(4)).toEqual([undefined, 'crowded-out']);
});

test('who waits gives way as soon as the breaker opens, and while a call tries, but not when it is time to try', async () => {
  const { gate, enter, entries, settle } = world({ concurrency: 1 });
  enter();
  enter(1);
  crowded.set(1, 100);
  gate.leave('key-refused');
  await settle();
  expect(entries).toEqual(['entered', 'crowded-out']);
  await vi.advanceTimersByTimeAsync(10_001);
  enter(1);
  enter(1);
  await settle();
  expect(entries.slice(2)).toEqual(['entered', 'crowded-out']);
  gate.leave('ok');
  enter(1);
  await settle();
  expect(entries.at(-1)).toBe('entered');
});

test('nobody gives way whose connection works', async () => {
  const { gate, enter, entries, settle } = world({ concurrency: 1 });
  enter();
  enter(1);
  crowded.set(1, 100);
  gate.crowdOut(1);
  enter(1);
  await settle();
  expect(entries).toEqual(['entered', undefined, undefined]);
});

test('other limits hold at once, and those under way count', async () => {
  const { gate, enter, entries, settle } = world({ concurrency: 1, burst: 100, requestsPerSecond: 100 });
  enter();
  enter();
  await settle();
  gate.limit({ concurrency: 2, burst: 100, requestsPerSecond: 100 });
  gate.release();
  await settle();
  expect(entries).toEqual(['entered', 'changed']);
  enter();
  enter();
  await settle();
  expect(entries).toEqual(['entered', 'changed', 'entered', undefined]);
  gate.limit({ concurrency: 1, burst: 1, requestsPerSecond: 1 });
  gate.leave('ok');
  await settle();
  expect(entries[3]).toBeUndefined();
  gate.leave('ok');
  await settle();
  // Of what was saved up one call was left, and it is made.
  gate.leave('ok');
  enter();
  await settle();
  expect(entries.slice(3)).toEqual(['entered', undefined]);
  await vi.advanceTimersByTimeAsync(1_001);
  expect(entries.slice(3)).toEqual(['entered', 'entered']);
});

test('a breaker that is forgiven lets everybody in', async () => {
  const { gate, enter, entries, settle } = world();
  enter();
  await settle();
  gate.leave('key-refused');
  enter();
  await settle();
  expect(entries).toEqual(['entered', undefined]);
  gate.forgive();
  gate.release();
  enter();
  await settle();
  expect(entries).toEqual(['entered', 'changed', 'entered']);
});

test('tens of thousands may wait: neither to join them nor to end them goes through all the others', async () => {
  vi.useRealTimers();
  crowded.clear();
  let asked = 0;
  const gate = createConnectionGate({ requestsPerSecond: 1e6, burst: 1e6, concurrency: 10 }, () => {
    asked += 1;
    return false;
  });
  const stop = new AbortController();
  const listens = vi.spyOn(stop.signal, 'addEventListener');
  const until = new Date(Date.now() + 3_600_000);
  const entries = Array.from({ length: 20_000 }, () =>
    gate.enter({ partition: 0, offset: '7', until, signal: stop.signal }),
  );
  for (let count = 0; count < 10; count += 1) gate.leave('failed');
  expect([gate.state(), gate.waiting()]).toEqual(['open', 19_981]);
  expect(asked).toBe(1);
  expect(listens).toHaveBeenCalledOnce();
  stop.abort();
  expect(Object.groupBy(await Promise.all(entries), (entry) => entry)['stopped']).toHaveLength(19_981);
});
