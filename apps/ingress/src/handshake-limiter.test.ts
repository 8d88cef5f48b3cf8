import { expect, test } from 'vitest';
import { createHandshakeLimiter } from './handshake-limiter.ts';

const start = new Date('2026-11-23T12:00:00.000Z');
const after = (ms: number) => new Date(start.getTime() + ms);

function failing(limiter: ReturnType<typeof createHandshakeLimiter>, source: string, times: number) {
  for (let time = 0; time < times; time += 1) limiter.failed(source, after(time));
}

test('a source is exhausted after the burst, not before, and no other with it', () => {
  const limiter = createHandshakeLimiter({ burst: 3, forgiveAfterMs: 1_000 });
  failing(limiter, 'a', 2);
  expect(limiter.exhausted('a', after(2))).toBe(false);
  limiter.failed('a', after(2));
  expect(limiter.exhausted('a', after(3))).toBe(true);
  expect(limiter.exhausted('b', after(3))).toBe(false);
});

test('a failure is forgiven in time, one by one', () => {
  const limiter = createHandshakeLimiter({ burst: 3, forgiveAfterMs: 1_000 });
  failing(limiter, 'a', 3);
  expect(limiter.exhausted('a', after(900))).toBe(true);
  expect(limiter.exhausted('a', after(1_100))).toBe(false);
  limiter.failed('a', after(1_100));
  expect(limiter.exhausted('a', after(1_200))).toBe(true);
});

test('the source that was silent longest is forgotten when there are too many', () => {
  const limiter = createHandshakeLimiter({ burst: 1, maxSources: 2 });
  for (const source of ['a', 'b', 'a', 'c']) limiter.failed(source, start);
  expect(['a', 'b', 'c'].map((source) => limiter.exhausted(source, start))).toEqual([true, false, true]);
});

test('a clock set back forgives nothing', () => {
  const limiter = createHandshakeLimiter({ burst: 1 });
  limiter.failed('a', start);
  expect(limiter.exhausted('a', after(-60_000))).toBe(true);
});
