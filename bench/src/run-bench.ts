import { benchmarks } from './benchmarks/benchmarks.ts';
import type { Options } from './options.ts';
import { runInterleaved } from './runs/benchmark.ts';
import type { Run } from './runs/run.ts';
import { resultLines, runLine } from './report/table.ts';
import { openKafka } from './world/bench-kafka.ts';
import { openWorld } from './world/bench-world.ts';

/** Runs a benchmark from the Kafka to the last run. What was started is ended, also when it is interrupted. */
export async function runBench(options: {
  options: Options;
  brokers: string | undefined;
  say: (line: string) => void;
}): Promise<{ runs: Run[]; lines: string[]; compares: boolean }> {
  const { say } = options;
  const kafka = await openKafka({ given: options.brokers, onProgress: say });
  const world = await openWorld({ kafka, say, profileFolder: options.options.profileFolder });
  let keepFolder = true;
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= world.close({ keepFolder }).then(() => kafka.stop()));
  const interruption = new AbortController();
  const interrupted = () => {
    interruption.abort(new Error('Interrupted.'));
    keepFolder = false;
    void close().finally(() => process.exit(130));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, interrupted);
  try {
    const benchmark = benchmarks[options.options.benchmark](world, options.options);
    await benchmark.prepare?.();
    const { repetitions } = options.options;
    const onRun = (run: Run) => say(runLine(run));
    const runs = await runInterleaved(benchmark, { repetitions, signal: interruption.signal, onRun });
    keepFolder = runs.some(({ faults }) => faults.length > 0);
    if (keepFolder) say(`The logs of runs that were not valid are in ${world.folder}`);
    const { compares = true } = benchmark;
    return { runs, compares, lines: [...resultLines(runs, benchmark), ...(benchmark.summary?.(runs) ?? [])] };
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
    await close();
  }
}
