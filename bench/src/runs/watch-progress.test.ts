import { describe, expect, it } from 'vitest';
import type { Meter, Reading } from '../measure/meter.ts';
import { stretch, watchProgress } from './watch-progress.ts';

const reading = (atMs: number): Reading => ({
  atMs,
  contestant: { cpuSeconds: atMs / 1_000, residentMiB: 1, peakMiB: 1 },
  broker: undefined,
  own: undefined,
  machine: undefined,
});
/** A sample a second. */
const samplesOf = (counts: number[]) => counts.map((count, second) => ({ count, reading: reading(second * 1_000) }));

describe('a stretch of samples', () => {
  it.each([
    ['begins and ends where it should', [0, 10, 50, 90, 100, 100], 10, 100, { count: 90, seconds: 3 }],
    ['begins before what was jumped over', [0, 5, 50, 100], 10, 100, { count: 95, seconds: 2 }],
    ['begins at the first when all were beyond', [30, 60, 100], 10, 100, { count: 70, seconds: 2 }],
    ['ends at the last when it did not come so far', [0, 10, 20], 10, 100, { count: 10, seconds: 1 }],
    ['is all there is when there was only one step', [0, 100], 10, 100, { count: 100, seconds: 1 }],
  ])('%s', (_, counts, from, to, expected) => {
    const { count, consumption } = stretch(samplesOf(counts), from, to);
    expect({ count, seconds: consumption.seconds }).toEqual(expected);
  });
});

describe('progress', () => {
  const meter: Meter = { read: () => reading(performance.now()) };
  const watch = (counts: number[], died: () => string | undefined = () => undefined) => {
    let next = 0;
    const count = async () => counts[Math.min(next++, counts.length - 1)] ?? 0;
    return watchProgress({ meter, count, died, isDone: (all) => all.at(-1)?.count === 3, patienceMs: 250 });
  };

  it('is watched until it is done', async () => {
    expect((await watch([0, 1, 3, 4])).map(({ count }) => count)).toEqual([0, 1, 3]);
  });

  it('that stops is told', async () => {
    await expect(watch([0, 1, 2])).rejects.toThrow('it stopped at 2');
  });

  it('ends with who makes it', async () => {
    await expect(watch([0, 1, 2], () => 'gone')).rejects.toThrow('gone');
  });
});
