import { readOptions, usage } from './options.ts';
import { resultLines } from './report/table.ts';
import { runBench } from './run-bench.ts';

const options = (() => {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return process.exit(2);
  }
})();
if (options === undefined) {
  console.log(usage);
  process.exit(0);
}
const startedAt = Date.now();
const say = (line: string) => console.error(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
const { runs, columns, summary } = await runBench({ options, brokers: process.env['KAFKA_BROKERS'], say });
console.log(`\n${[...resultLines(runs, columns), ...summary].join('\n')}`);
process.exitCode = runs.some(({ faults }) => faults.length > 0) ? 1 : 0;
