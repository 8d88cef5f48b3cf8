import { expect, test, vi } from 'vitest';
import { createLifecycle } from './lifecycle.ts';

const silent = { info() {}, warn() {}, error() {}, fatal() {} };
const times = { graceMs: 0, drainMs: 1_000 };

test('a service is ready only when each part is started and says so', async () => {
  const started = Promise.withResolvers<void>();
  const lifecycle = createLifecycle(silent);
  expect(lifecycle.notReady()).toEqual([{ part: 'service', reason: 'building' }]);
  const starting = lifecycle.start(() => [{ name: 'a', start: () => started.promise, ready: () => true }]);
  await vi.waitFor(() => expect(lifecycle.notReady()).toEqual([{ part: 'a', reason: 'starting' }]));
  started.resolve();
  await starting;
  expect(lifecycle.notReady()).toEqual([]);
});

test('a check that throws is a complaint', async () => {
  const broken = () => {
    throw new Error('no idea');
  };
  const lifecycle = createLifecycle(silent);
  await lifecycle.start(() => [{ name: 'a', ready: broken, alive: broken }]);
  expect(lifecycle.notReady()).toEqual([{ part: 'a', reason: 'Error: no idea' }]);
  expect(lifecycle.notAlive()).toEqual([{ part: 'a', reason: 'Error: no idea' }]);
});

test('what a part wants to be known says nothing against it', async () => {
  const lifecycle = createLifecycle(silent);
  await lifecycle.start(() => [
    { name: 'a', note: () => 'works with what it had' },
    { name: 'b', note: () => undefined },
  ]);
  expect(lifecycle.notes()).toEqual([{ part: 'a', reason: 'works with what it had' }]);
  expect([...lifecycle.notReady(), ...lifecycle.notAlive()]).toEqual([]);
});

test('readiness fails before the first part stops', async () => {
  const stop = vi.fn(async () => {});
  const lifecycle = createLifecycle(silent);
  await lifecycle.start(() => [{ name: 'a', stop }]);
  const stopped = lifecycle.stop({ ...times, graceMs: 10 });
  expect(lifecycle.notReady()).toEqual([{ part: 'service', reason: 'stopping' }]);
  expect(stop).not.toHaveBeenCalled();
  expect(await stopped).toBe(true);
  expect(stop).toHaveBeenCalledOnce();
});

test('all parts get the same deadline', async () => {
  const deadlines: Date[] = [];
  const stop = async ({ deadline }: { deadline: Date }) => void deadlines.push(deadline);
  const lifecycle = createLifecycle(silent);
  await lifecycle.start(() => [
    { name: 'a', stop },
    { name: 'b', stop },
  ]);
  await lifecycle.stop(times);
  expect(deadlines).toHaveLength(2);
  expect(deadlines[0]).toEqual(deadlines[1]);
});

test('a part that throws instead of rejecting does not keep the others from stopping', async () => {
  const stop = vi.fn(async () => {});
  const lifecycle = createLifecycle(silent);
  await lifecycle.start(() => [
    { name: 'a', stop },
    {
      name: 'b',
      stop() {
        throw new Error('broken');
      },
    },
  ]);
  expect(await lifecycle.stop(times)).toBe(false);
  expect(stop).toHaveBeenCalledOnce();
});

/** Two parts, the first of them just starting: that ends when the test says so. */
async function slowStart() {
  const first = Promise.withResolvers<void>();
  const happened: string[] = [];
  const part = (name: string, start: () => Promise<void>) => ({
    name,
    start: () => {
      happened.push(`${name} starts`);
      return start();
    },
    stop: async () => void happened.push(`${name} stops`),
  });
  const lifecycle = createLifecycle(silent);
  const starting = lifecycle.start(() => [part('a', () => first.promise), part('b', async () => {})]);
  await vi.waitFor(() => expect(happened).toEqual(['a starts']));
  return { lifecycle, starting, first, happened };
}

test('what is still starting may end that, and is stopped then; nothing more starts', async () => {
  const { lifecycle, starting, first, happened } = await slowStart();
  const stopped = lifecycle.stop({ graceMs: 0, drainMs: 3_600_000 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(happened).toEqual(['a starts']);
  first.resolve();
  await starting;
  expect(await stopped).toBe(true);
  expect(happened).toEqual(['a starts', 'a stops']);
});

test('what is still starting at the deadline is stopped in the midst of it', async () => {
  const { lifecycle, happened } = await slowStart();
  expect(await lifecycle.stop({ graceMs: 0, drainMs: 40 })).toBe(true);
  expect(happened).toEqual(['a starts', 'a stops']);
});

test('what failed to start is not stopped', async () => {
  const { lifecycle, starting, first, happened } = await slowStart();
  const stopped = lifecycle.stop({ graceMs: 0, drainMs: 3_600_000 });
  first.reject(new Error('no broker'));
  await expect(starting).rejects.toThrow('no broker');
  expect(await stopped).toBe(true);
  expect(happened).toEqual(['a starts']);
});
