import { expect, it } from 'vitest';
import { median } from './median.ts';

it.each([
  ['none', [], undefined],
  ['one', [3], 3],
  ['an odd number, in any order', [9, 1, 4], 4],
  ['an even number', [10, 1, 2, 3], 2.5],
  ['some that are missing', [undefined, 5, Number.NaN, 7, 6], 6],
])('the median of %s', (_, numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});
