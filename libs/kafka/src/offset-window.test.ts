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
      const expected = firstOpen === undefined ? (accepted.at(-1) ?? 0) + 1 : firstOpen;
      const index = accepted.indexOf(expected);
      const before = index > 0 ? (accepted[index - 1] ?? 0) + 1 : accepted[0];
      // With gaps in the topic, the offset after the last finished one is as good as the first open one.
      expect(window.committable).toBe(firstOpen === undefined ? expected : before);
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

test('memory of long windows is given back', () => {
  const window = new OffsetWindow();
  for (let offset = 0; offset < 10_000; offset += 1) {
    window.accept(offset, 1);
    window.finish(offset);
  }
  expect(window.committable).toBe(10_000);
  expect(window.unfinished).toBe(0);
});
