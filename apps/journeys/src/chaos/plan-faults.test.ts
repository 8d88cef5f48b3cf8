import { expect, it } from 'vitest';
import { faultNames, planFaults } from './plan-faults.ts';

const hour = { durationMs: 3_600_000, only: faultNames, connections: 20, longestStopMs: 45_000 };

it('the same seed plans the same, another one something else', () => {
  expect(planFaults({ ...hour, seed: 7 })).toEqual(planFaults({ ...hour, seed: 7 }));
  expect(planFaults({ ...hour, seed: 8 })).not.toEqual(planFaults({ ...hour, seed: 7 }));
});

it('something happens every two to six seconds, and all of it within an hour', () => {
  const plan = planFaults({ ...hour, seed: 1 });
  const gaps = plan.map(({ atMs }, index) => atMs - (plan[index - 1]?.atMs ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_000);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(6_000);
  expect(new Set(plan.map(({ name }) => name))).toEqual(new Set(faultNames));
  expect(plan.at(-1)?.atMs).toBeLessThan(hour.durationMs);
});

it('only what was asked for happens, no longer than allowed', () => {
  const plan = planFaults({ ...hour, only: ['stop'], longestStopMs: 5_000, seed: 2 });
  expect(plan.every((fault) => fault.name === 'stop' && fault.lastsMs >= 3_000 && fault.lastsMs <= 5_000)).toBe(true);
  expect(plan.length).toBeGreaterThan(500);
});
