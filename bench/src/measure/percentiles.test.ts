import { expect, it } from 'vitest';
import { percentiles } from './percentiles.ts';

const upTo = (last: number) => Array.from({ length: last }, (_, index) => last - index);

it.each([
  [1, { p50Ms: 1, p99Ms: 1, maxMs: 1, count: 1 }],
  [2, { p50Ms: 1, p99Ms: 2, maxMs: 2, count: 2 }],
  [100, { p50Ms: 50, p99Ms: 99, maxMs: 100, count: 100 }],
  [1_000, { p50Ms: 500, p99Ms: 990, maxMs: 1_000, count: 1_000 }],
])('the percentiles of the times 1 to %d', (last, expected) => {
  expect(percentiles(upTo(last))).toEqual(expected);
});

it('there are none of nothing', () => {
  expect(percentiles([])).toBeUndefined();
});
