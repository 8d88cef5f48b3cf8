import { expect, it } from 'vitest';
import { letterOf } from './dead-letter.fixture.ts';
import { isMeant } from './letter-filter.ts';

const letter = letterOf('6@0', 3);

it.each([
  [true, {}],
  [true, { connection: 'acme', reason: 'rejected', stage: 'outbound' }],
  [false, { connection: 'acm' }],
  [false, { connection: 'acme', reason: 'invalid' }],
  [false, { stage: 'router' }],
  [true, { since: '2026-11-23T12:00:00.000Z' }],
  [false, { since: '2026-11-23T12:00:00.001Z' }],
  [true, { until: '2026-11-23T12:00:00.001Z' }],
  [false, { until: '2026-11-23T12:00:00.000Z' }],
])('%s for %j', (expected, filter) => {
  expect(isMeant(letter, filter)).toBe(expected);
});
