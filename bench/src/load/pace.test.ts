import { expect, it } from 'vitest';
import { pace } from './pace.ts';

it('each is called once, in order, and told when it was due', async () => {
  const calls: { index: number; dueMs: number }[] = [];
  const count = await pace({ perSecond: 1_000, seconds: 0.05, onDue: (index, dueMs) => calls.push({ index, dueMs }) });
  expect(count).toBe(50);
  expect(calls.map(({ index }) => index)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  const steps = calls.slice(1).map(({ dueMs }, index) => dueMs - (calls[index]?.dueMs ?? 0));
  for (const step of steps) expect(step).toBeCloseTo(1, 6);
});
