import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OffsetWindow } from './offset-window.ts';

test('what may be committed is the lowest unfinished offset, whatever the order of finishing', () => {
  const offsets = fc
    .uniqueArray(fc.nat(5_000), { minLength: 1, maxLength: 200 })
    .map((list) => list.toSorted((a, b) => a - b));
  const scenario = offsets.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list)));
  fc.assert(
    fc.property(scenario, ([accepted, finished]) => {
      const window = new OffsetWindow();
      for (const offset of accepted) expect(window.accept(offset, 10)).toBe(true);
      for (const offset of finished) window.finish(offset);
      const firstOpen = accepted.find((offset) => !finished.includes(offset));
      expect(window.committable).toBe(firstOpen ?? (accepted.at(-1) ?? 0) + 1);
      expect(window.unfinished).toBe(accepted.length - finished.length);
      expect(window.unfinishedBytes).toBe(10 * (accepted.length - finished.length));
    }),
  );
});

test('an offset read again is not accepted again', () => {
  const window = new OffsetWindow();
  expect(window.accept(7, 1)).toBe(true);
  expect(window.accept(7, 1)).toBe(false);
  expect(window.accept(6, 1)).toBe(false);
  expect(window.accept(8, 1)).toBe(true);
});

test('one that leaves stays no more, and is unfinished until it is finished', () => {
  const window = new OffsetWindow();
  for (const offset of [7, 8, 9]) window.accept(offset, 10);
  for (const offset of [8, 8, 500]) window.leave(offset);
  expect([window.staying, window.stayingBytes, window.unfinished, window.committable]).toEqual([2, 20, 3, 7]);
  window.finish(8);
  window.finish(7);
  expect([window.staying, window.stayingBytes, window.unfinished, window.committable]).toEqual([1, 10, 1, 9]);
});

test('one that hangs, and many that finish behind it, leave one unfinished', () => {
  const window = new OffsetWindow();
  window.accept(7, 3);
  for (let offset = 8; offset < 10_000; offset += 1) {
    window.accept(offset, 1);
    window.finish(offset);
  }
  expect([window.committable, window.unfinished, window.unfinishedBytes]).toEqual([7, 1, 3]);
  window.finish(7);
  expect([window.committable, window.unfinished, window.unfinishedBytes]).toEqual([10_000, 0, 0]);
});
