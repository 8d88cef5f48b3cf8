import type { Measured, Metrics, Run } from './run.ts';

/** One who does the work; `measure` does it once. */
export type Measurable = { name: string; measure(setting: string): Promise<Measured> };

/** A benchmark: who does the work, under which settings. */
export type Benchmark = {
  contestants: Measurable[];
  /** By name; each contestant runs under all of them. */
  settings: string[];
  /** Whether a contestant is measured under a setting; all are unless told. */
  measures?(contestant: string, setting: string): boolean;
  /** Which metrics its table shows. */
  columns: (keyof Metrics)[];
  /** Whether the contestants do the same work, so that ratios mean something; so it is unless told. */
  compares?: boolean;
  /** Prepares what all runs share. */
  prepare?(): Promise<void>;
  /** What else is to be said of all runs. */
  summary?(runs: Run[]): string[];
};

/**
 * Runs all of it: in each repetition each contestant once under each setting, beginning with another one each time, so that
 * what changes on the machine meanwhile meets all of them.
 */
export async function runInterleaved(
  { contestants, settings, measures = () => true }: Benchmark,
  options: { repetitions: number; signal: AbortSignal; onRun: (run: Run) => void },
): Promise<Run[]> {
  const { repetitions, signal, onRun } = options;
  const runs: Run[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const contestant of rotated(contestants, repetition)) {
      for (const setting of rotated(settings, repetition)) {
        if (!measures(contestant.name, setting)) continue;
        const measured = await contestant.measure(setting).catch(failed);
        signal.throwIfAborted();
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
