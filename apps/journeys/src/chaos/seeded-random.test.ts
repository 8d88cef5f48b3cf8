import { expect, it } from 'vitest';
import { seededRandom } from './seeded-random.ts';

it('is mulberry32: the same everywhere', () => {
  const random = seededRandom(1);
  expect([1, 2, 3].map(() => random.integer(0, 999_999))).toEqual([627_073, 2_735, 527_447]);
});

it('gives every number of a range, and none outside', () => {
  const random = seededRandom(5);
  expect(new Set(Array.from({ length: 500 }, () => random.integer(3, 7)))).toEqual(new Set([3, 4, 5, 6, 7]));
  expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b'])))).toEqual(new Set(['a', 'b']));
});
