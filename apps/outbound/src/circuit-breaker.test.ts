import { expect, test } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';
import type { CallHealth } from './circuit-breaker.ts';

function calls(breaker: ReturnType<typeof createCircuitBreaker>, now: number, ...healths: CallHealth[]): void {
  for (const health of healths) {
    breaker.begin();
    breaker.end(health, now);
  }
}
const many = (count: number, health: CallHealth) => Array.from({ length: count }, () => health);

test('opens when half of ten calls failed, not before', () => {
  const breaker = createCircuitBreaker();
  calls(breaker, 0, ...many(5, 'ok'), ...many(4, 'failed'));
  expect(breaker.state()).toBe('closed');
  calls(breaker, 0, 'failed');
  expect([breaker.state(), breaker.waitMs(0), breaker.waitMs(4_000)]).toEqual(['open', 10_000, 6_000]);
});

test('nine failures alone do not open it, and failures of half a minute ago count no more', () => {
  const breaker = createCircuitBreaker();
  calls(breaker, 0, ...many(9, 'failed'));
  expect(breaker.state()).toBe('closed');
  calls(breaker, 30_000, 'ok', 'failed', ...many(8, 'ok'));
  expect(breaker.state()).toBe('closed');
});

test('ten failures in a row open it, however long each of them takes', () => {
  const breaker = createCircuitBreaker();
  for (let minute = 0; minute < 9; minute += 1) calls(breaker, minute * 60_000, 'failed');
  expect(breaker.state()).toBe('closed');
  calls(breaker, 540_000, 'ok');
  for (let minute = 10; minute < 19; minute += 1) calls(breaker, minute * 60_000, 'failed');
  expect(breaker.state()).toBe('closed');
  calls(breaker, 1_140_000, 'failed');
  expect(breaker.state()).toBe('open');
});

test('after the wait one call tries: it closes the breaker, or doubles the wait up to two minutes', () => {
  const breaker = createCircuitBreaker();
  calls(breaker, 0, ...many(10, 'failed'));
  const waits = [];
  let now = 0;
  for (let round = 0; round < 6; round += 1) {
    waits.push(breaker.waitMs(now));
    now += breaker.waitMs(now);
    expect(breaker.waitMs(now)).toBe(0);
    breaker.begin();
    expect(breaker.state()).toBe('half-open');
    breaker.end(round < 5 ? 'failed' : 'ok', now);
  }
  expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  expect(breaker.state()).toBe('closed');
  // With the one that succeeded these are ten.
  calls(breaker, now, ...many(9, 'failed'));
  expect(breaker.waitMs(now)).toBe(10_000);
});

test('a refused key opens it at once', () => {
  const breaker = createCircuitBreaker();
  calls(breaker, 0, ...many(50, 'ok'), 'key-refused');
  expect(breaker.state()).toBe('open');
});

test('calls that were under way when it opened do not close it, and push it no further when they fail', () => {
  const breaker = createCircuitBreaker();
  calls(breaker, 0, ...many(10, 'failed'));
  breaker.end('ok', 100);
  breaker.end('failed', 100);
  breaker.end('key-refused', 100);
  expect([breaker.state(), breaker.waitMs(100)]).toEqual(['open', 9_900]);
});
