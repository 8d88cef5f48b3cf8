import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTroubleLog } from './trouble-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('trouble is told when it begins, with growing pauses while it lasts, and when all of it is over', () => {
  const lines: [string, number][] = [];
  const start = Date.now();
  const write = (_fields: object, message: string) => void lines.push([message, (Date.now() - start) / 1_000]);
  const trouble = createTroubleLog({ debug: write, info: write, warn: write, error: write });
  const [one, other] = [{}, {}];
  trouble.worked(one);
  for (let second = 0; second <= 100; second += 1) {
    trouble.failed(one, new Error('away'));
    trouble.failed(other, new Error('away'));
    vi.advanceTimersByTime(1_000);
  }
  trouble.worked(one);
  trouble.worked(one);
  trouble.worked(other);
  trouble.failed(one, new Error('away again'));
  const [begins, ends] = ['records wait to be published; trying again', 'records are published again'];
  expect(lines).toEqual([...[0, 10, 30, 70].map((second) => [begins, second]), [ends, 101], [begins, 101]]);
});
