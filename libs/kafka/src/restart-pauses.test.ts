import { expect, test } from 'vitest';
import { createRestartPauses } from './restart-pauses.ts';

/** The pause after each run, of so many milliseconds; the clock goes on by both. */
function pausesAfter(runsMs: number[]): number[] {
  let nowMs = 0;
  const next = createRestartPauses(() => nowMs);
  return runsMs.map((ranMs) => {
    nowMs += ranMs;
    const pauseMs = next();
    nowMs += pauseMs;
    return pauseMs;
  });
}

test('what fails at once waits longer each time, up to five seconds', () => {
  expect(pausesAfter([0, 0, 0, 0, 0, 0, 0])).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test('what ran for a while before it failed waits less, and not at all after five seconds', () => {
  expect(pausesAfter([50, 300, 0, 6_000])).toEqual([150, 100, 800, 0]);
});

test('what ran for a minute begins anew', () => {
  expect(pausesAfter([0, 0, 0, 60_000, 0])).toEqual([200, 400, 800, 0, 400]);
});
