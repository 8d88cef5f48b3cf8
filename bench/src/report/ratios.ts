import { median } from '../measure/median.ts';
import type { Metrics, Run } from '../runs/run.ts';

/** Of runs that are figures. */
export const valid = (runs: Run[]): Run[] => runs.filter(({ faults }) => faults.length === 0);

/** The median of each metric over the runs. */
export function medians(runs: Run[]): Metrics {
  const names = new Set(runs.flatMap(({ metrics }) => Object.keys(metrics) as (keyof Metrics)[]));
  return Object.fromEntries([...names].map((name) => [name, median(runs.map(({ metrics }) => metrics[name]))]));
}

/** One to another, of the same repetition each time; the median of that. */
export function ratios(runs: Run[], base: Run[], metrics: readonly (keyof Metrics)[]): Metrics {
  const pairs = runs.flatMap((run) => {
    const other = base.find(({ repetition }) => repetition === run.repetition);
    return other ? [{ run, other }] : [];
  });
  const ratio = (name: keyof Metrics) =>
    median(pairs.map(({ run, other }) => quotient(run.metrics[name], other.metrics[name])));
  return Object.fromEntries(metrics.map((name) => [name, ratio(name)]));
}

const quotient = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined || other === 0 ? undefined : one / other;
