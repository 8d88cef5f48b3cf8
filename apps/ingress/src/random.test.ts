import { expect, test } from 'vitest';
import { createRandom } from './random.ts';

test('every step comes up, also beyond the bytes that were fetched at first, and hardly anything twice in a row', () => {
  const random = createRandom();
  const numbers = Array.from({ length: 20_000 }, random);
  expect(new Set(numbers)).toEqual(new Set(Array.from({ length: 256 }, (_, step) => step / 256)));
  expect(new Set(Array.from({ length: 1_000 }, () => Array.from({ length: 16 }, random).join(' '))).size).toBe(1_000);
});
