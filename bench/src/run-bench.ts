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
}): Promise<{ runs: Run[]; lines: string[] }> {
  const { say } = options;
  const kafka = await openKafka({ given: options.brokers, onProgress: say });
  const world = await openWorld({ kafka, say });
  let keepFolder = true;
  const close = async () => {
    await world.close({ keepFolder });
    await kafka.stop();
  };
  const interrupted = () => void close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const benchmark = benchmarks[options.options.benchmark](world, options.options);
    await benchmark.prepare?.();
    const onRun = (run: Run) => say(runLine(run));
    const runs = await runInterleaved(benchmark, { repetitions: options.options.repetitions, onRun });
    keepFolder = runs.some(({ faults }) => faults.length > 0);
    if (keepFolder) say(`The logs of runs that were not valid are in ${world.folder}`);
    return { runs, lines: [...resultLines(runs, benchmark), ...(benchmark.summary?.(runs) ?? [])] };
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await close();
  }
}
