import { expect, test } from 'vitest';
import { createProgressWatch } from './progress-watch.ts';

/** A watch on a clock that the test moves. */
function world() {
  let now = 1_000;
  const watch = createProgressWatch(() => now);
  const handle = () => {
    const end = Promise.withResolvers<void>();
    let step = () => {};
    const done = watch.during((stepped) => {
      step = stepped;
      return end.promise;
    });
    return {
      step: () => step(),
      async end() {
        end.resolve();
        await done;
      },
    };
  };
  return { watch, handle, pass: (ms: number) => void (now += ms) };
}

test('it is silent since the last sign', () => {
  const { watch, pass } = world();
  pass(100);
  expect(watch.silentMs()).toBe(100);
  watch.sign();
  pass(20);
  expect(watch.silentMs()).toBe(20);
});

test('while a batch is handled, only its steps count', async () => {
  const { watch, handle, pass } = world();
  pass(1_000);
  const batch = handle();
  pass(100);
  watch.sign();
  expect(watch.silentMs()).toBe(100);
  batch.step();
  pass(20);
  expect(watch.silentMs()).toBe(20);
  await batch.end();
  pass(5);
  expect(watch.silentMs()).toBe(5);
});

test('of several batches the one that stands still longest counts', async () => {
  const { watch, handle, pass } = world();
  const stuck = handle();
  pass(100);
  const other = handle();
  pass(10);
  other.step();
  expect(watch.silentMs()).toBe(110);
  await stuck.end();
  pass(1);
  expect(watch.silentMs()).toBe(1);
});

test('a handler that throws is over, and its error goes on', async () => {
  const { watch, pass } = world();
  await expect(watch.during(() => Promise.reject(new Error('rebalancing')))).rejects.toThrow('rebalancing');
  pass(7);
  watch.sign();
  expect(watch.silentMs()).toBe(0);
});
