import { expect, test } from 'vitest';
import { safeEqual } from './index.ts';

test.each([
  ['k3y-so-nossa', 'k3y-so-nossa', true],
  ['não-ascii', 'não-ascii', true],
  ['k3y-so-nossa', 'k3y-so-nossA', false],
  ['k3y-so-nossa', 'k3y-so-noss', false],
  ['k3y-so-nossa', '', false],
  ['', 'k3y-so-nossa', false],
  ['', '', false],
])('%j and %j are equal tokens: %j', (a, b, expected) => {
  expect(safeEqual(a, b)).toBe(expected);
});
