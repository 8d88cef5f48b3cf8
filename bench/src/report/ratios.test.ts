import { expect, it } from 'vitest';
import type { Run } from '../runs/run.ts';
import { medians, ratios, valid } from './ratios.ts';

const run = (repetition: number, perSecond: number, more: Partial<Run> = {}): Run => ({
  contestant: 'x',
  setting: '',
  repetition,
  metrics: { perSecond, cpuPer1000: perSecond === 0 ? undefined : 1 / perSecond },
  counts: {},
  faults: [],
  notes: [],
  ...more,
});

it('a median is that of each metric', () => {
  expect(medians([run(0, 10), run(1, 40), run(2, 20)])).toEqual({ perSecond: 20, cpuPer1000: 0.05 });
});

it('a ratio is taken within a repetition, whatever the others were', () => {
  // The machine was ten times as fast in the second repetition; the medians alone would tell 1.5.
  const ours = [run(0, 12), run(1, 90), run(2, 11)];
  const theirs = [run(2, 10), run(0, 10), run(1, 100)];
  expect(ratios(ours, theirs, ['perSecond'])).toEqual({ perSecond: 1.1 });
});

it('without the other one, or without a figure, there is none', () => {
  expect(ratios([run(0, 12)], [run(1, 10)], ['perSecond'])).toEqual({ perSecond: undefined });
  expect(ratios([run(0, 12)], [run(0, 0)], ['perSecond', 'cpuPer1000'])).toEqual({
    perSecond: undefined,
    cpuPer1000: undefined,
  });
});

it('a run with a fault is no figure', () => {
  expect(valid([run(0, 1), run(1, 2, { faults: ['1 lost'] })])).toEqual([run(0, 1)]);
});
