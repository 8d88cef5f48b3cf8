import type { Contestant } from '../world/contestant.ts';
import type { Measured, Metrics, Run } from './run.ts';

/** A benchmark: who does the work, under which settings, and how it is measured once. */
export type Benchmark = {
  contestants: Contestant[];
  /** By name; each contestant runs under all of them. */
  settings: string[];
  /** Which metrics its table shows. */
  columns: (keyof Metrics)[];
  /** Prepares what all runs share. */
  prepare?(): Promise<void>;
  measure(contestant: Contestant, setting: string): Promise<Measured>;
  /** What else is to be said of all runs. */
  summary?(runs: Run[]): string[];
};

/**
 * Runs all of it: in each repetition each contestant once under each setting, beginning with another one each time, so that
 * what changes on the machine meanwhile meets all of them.
 */
export async function runInterleaved(
  { contestants, settings, measure }: Benchmark,
  { repetitions, onRun }: { repetitions: number; onRun: (run: Run) => void },
): Promise<Run[]> {
  const runs: Run[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const contestant of rotated(contestants, repetition)) {
      for (const setting of rotated(settings, repetition)) {
        const measured = await measure(contestant, setting).catch(failed);
        const run = { contestant: contestant.name, setting, repetition, ...measured };
        runs.push(run);
        onRun(run);
      }
    }
  }
  return runs;
}

const failed = (error: unknown): Measured => ({ metrics: {}, counts: {}, faults: [String(error)], notes: [] });

const rotated = <T>(list: readonly T[], by: number): T[] =>
  list.map((_, index) => list[(index + by) % list.length] as T);
