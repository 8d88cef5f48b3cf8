import { writeFileSync } from 'node:fs';
import { kafkaVersion } from '@bridge/tools/local-kafka';
import { optionsOrUsage } from '@bridge/tools/options-or-usage';
import { readOptions, usage } from './options.ts';
import { benchReport } from './report/bench-report.ts';
import { runBench } from './run-bench.ts';

const options = optionsOrUsage(readOptions, usage);
if (options === undefined) {
  console.log(usage);
  process.exit(0);
}
const startedAt = new Date();
const brokers = process.env['KAFKA_BROKERS'];
const say = (line: string) =>
  console.error(`${((Date.now() - startedAt.getTime()) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
try {
  const { runs, lines, compares } = await runBench({ options, brokers, say });
  console.log(`\n${lines.join('\n')}`);
  if (options.jsonFile !== undefined) {
    const kafka = brokers === undefined ? kafkaVersion : `of ${brokers}`;
    writeFileSync(
      options.jsonFile,
      `${JSON.stringify(benchReport({ options, runs, compares, kafka, startedAt }), null, 2)}\n`,
    );
  }
  process.exitCode = runs.some(({ faults }) => faults.length > 0) ? 1 : 0;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
