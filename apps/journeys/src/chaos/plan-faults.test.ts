import { expect, it } from 'vitest';
import { planFaults, usualFaults } from './plan-faults.ts';

const hour = { durationMs: 3_600_000, only: usualFaults, connections: 20, longestStopMs: 45_000 };

it('the same seed plans the same, another one something else', () => {
  expect(planFaults({ ...hour, seed: 7 })).toEqual(planFaults({ ...hour, seed: 7 }));
  expect(planFaults({ ...hour, seed: 8 })).not.toEqual(planFaults({ ...hour, seed: 7 }));
});

it('something happens every two to six seconds, and all of it within an hour', () => {
  const plan = planFaults({ ...hour, seed: 1 });
  const gaps = plan.map(({ atMs }, index) => atMs - (plan[index - 1]?.atMs ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_000);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(6_000);
  expect(new Set(plan.map(({ name }) => name))).toEqual(new Set(usualFaults));
  expect(plan.at(-1)?.atMs).toBeLessThan(hour.durationMs);
});

it('only what was asked for happens, no longer than allowed', () => {
  const plan = planFaults({ ...hour, only: ['stop'], longestStopMs: 5_000, seed: 2 });
  expect(plan.every((fault) => fault.name === 'stop' && fault.lastsMs >= 3_000 && fault.lastsMs <= 5_000)).toBe(true);
  expect(plan.length).toBeGreaterThan(500);
});

it('a broker that is away is away for a minute, with a kill of ingress in the middle, as often as there is time for it', () => {
  const plan = (durationMs: number) => planFaults({ ...hour, durationMs, only: ['broker-away'], seed: 3 });
  const [away, kill, ...more] = plan(90_000);
  expect(away).toMatchObject({ name: 'broker-away', lastsMs: 60_000 });
  expect(kill).toMatchObject({ name: 'kill', member: 'ingress-1', atMs: (away?.atMs ?? 0) + 30_000 });
  expect(more).toEqual([]);
  expect(plan(60_000)).toEqual([]);
  const long = plan(600_000);
  expect(long.length).toBeGreaterThan(8);
  expect(long.map(({ atMs }) => atMs)).toEqual(long.map(({ atMs }) => atMs).toSorted((one, other) => one - other));
});
