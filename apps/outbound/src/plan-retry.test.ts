import { expect, test } from 'vitest';
import { planRetry } from './plan-retry.ts';

const now = new Date('2026-11-23T12:00:00Z');
const context = { limits: { maxAttempts: 8, maxAgeMs: 3_600_000 }, now, random: () => 1 };
const command = (attempts: number, ageMs = 0) => ({ attempts, producedAt: new Date(now.getTime() - ageMs) });
const again = { kind: 'again', reason: 'HTTP 500' } as const;
const refusedKey = { kind: 'refused-key', status: 401, reason: 'HTTP 401' } as const;

test('the ceiling doubles from a second', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempts) => planRetry(again, command(attempts), context));
  expect(waits.map((plan) => plan.kind === 'wait' && plan.ms)).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 64000]);
});

test('the wait is random below the ceiling', () => {
  expect(planRetry(again, command(3), { ...context, random: () => 0 })).toEqual({ kind: 'wait', ms: 0 });
  expect(planRetry(again, command(3), { ...context, random: () => 0.25 })).toEqual({ kind: 'wait', ms: 1_000 });
});

test.each([
  ['7', 7_000],
  ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['100000', 300_000],
  ['soon', 0],
  ['-5', 0],
])('Retry-After %j is waited for, at least, up to five minutes', (retryAfter, ms) => {
  const plan = planRetry({ ...again, retryAfter }, command(1), { ...context, random: () => 0 });
  expect(plan).toEqual({ kind: 'wait', ms });
});

test('after the last attempt it gives up', () => {
  expect(planRetry(again, command(7), context).kind).toBe('wait');
  expect(planRetry(again, command(8), context)).toEqual({ kind: 'give-up', reason: 'attempts-exhausted' });
});

test('a wait that would pass the age bound is not begun', () => {
  expect(planRetry(again, command(1, 3_598_900), context).kind).toBe('wait');
  expect(planRetry(again, command(1, 3_599_900), context)).toEqual({ kind: 'give-up', reason: 'too-old' });
});

test('after a refused key the connection decides when to go on', () => {
  expect(planRetry(refusedKey, command(500), context)).toEqual({ kind: 'wait', ms: 0 });
});
