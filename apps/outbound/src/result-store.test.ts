import { PublishError } from '@bridge/kafka';
import type { OutgoingRecord, Publisher } from '@bridge/kafka';
import { silentLogger } from '@bridge/telemetry';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createResultStore } from './result-store.ts';
import { testTenure } from './testing/tenure.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const record = (topic: string): OutgoingRecord => ({ topic, key: 'k', value: 'v', headers: {} });
const both = [record('dead'), record('results')];

/** A publisher that fails so, one call after the other, and then takes everything. */
function world(...failures: (PublishError | undefined)[]) {
  const calls: string[][] = [];
  const publisher = {
    publish: async (records: OutgoingRecord[]) => {
      calls.push(records.map(({ topic }) => topic));
      const failure = failures.shift();
      if (failure) throw failure;
      return [];
    },
  } as unknown as Publisher;
  const warn = vi.spyOn(silentLogger, 'warn').mockClear();
  return { calls, warn, store: createResultStore({ publisher, log: silentLogger }) };
}

test('the dead letter is stored before the result, and both are tried until the broker has them', async () => {
  const { calls, store } = world(new PublishError('unavailable', 'away'), new PublishError('overloaded', 'full'));
  const storing = store(both, testTenure());
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await storing).toBe(true);
  expect(calls).toEqual([['dead'], ['dead'], ['dead'], ['results']]);
});

test('a result that is too large is left out, its dead letter is not', async () => {
  const { calls, store } = world(undefined, new PublishError('too-large', 'large'));
  expect(await store(both, testTenure())).toBe(true);
  expect(calls).toEqual([['dead'], ['results']]);
});

test('nothing is stored by who may be the owner no more', async () => {
  const { calls, store } = world();
  expect(await store(both, testTenure({ storeBy: async () => undefined }))).toBe(false);
  expect(calls).toEqual([]);
  expect(await store(both, testTenure())).toBe(true);
  expect(calls).toEqual([['dead'], ['results']]);
});

test('the broker has them by the time that the tenure gives, and they are withdrawn when it ends', async () => {
  const deadline = new Date(Date.now() + 5_000);
  const ended = new AbortController();
  const taken = Promise.withResolvers<[]>();
  const publish = vi.fn<Publisher['publish']>(() => taken.promise);
  const store = createResultStore({ publisher: { publish } as unknown as Publisher, log: silentLogger });
  const storing = store([record('results')], testTenure({ ended: ended.signal, storeBy: async () => deadline }));
  await vi.waitUntil(() => publish.mock.calls.length === 1);
  const limits = publish.mock.calls[0]?.[1];
  expect(limits).toMatchObject({ deadline, signal: { aborted: false } });
  ended.abort();
  expect(limits?.signal?.aborted).toBe(true);
  taken.resolve([]);
  await storing;
});

test('however many wait for a topic that takes nothing, the log tells of it once in ten seconds', async () => {
  const away = () => new PublishError('unavailable', 'away');
  const { warn, store } = world(...Array.from({ length: 100 * 15 }, away));
  const storing = Promise.all(Array.from({ length: 100 }, (_, index) => store([record(`r-${index}`)], testTenure())));
  await vi.advanceTimersByTimeAsync(9_000);
  expect(warn).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(await storing).not.toContain(false);
  expect(warn.mock.calls).toHaveLength(2);
  expect(warn.mock.calls[1]?.[0]).toMatchObject({ waiting: 100 });
});
