import { optionsOrUsage } from '@bridge/tools/options-or-usage';
import { isolationLines } from './isolation-lines.ts';
import { readOptions, usage } from './options.ts';
import { runIsolation } from './run-isolation.ts';

const options = optionsOrUsage(readOptions, usage);
const { badness, durationMs, rate, flood } = options;
console.log(
  `One of twenty connections is bad (${badness}) for ${durationMs / 60_000} minutes, ${rate} commands a second` +
    (flood > 1 ? `, ${flood} times as many for the bad one` : ''),
);
const startedAt = Date.now();
const { run, broken } = await runIsolation(options, (line) =>
  console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(7)}s  ${line}`),
);
console.log(`\n${isolationLines(run).join('\n')}\n`);
for (const line of broken.slice(0, 40)) console.log(line);
console.log(broken.length > 0 ? `${broken.length} broken promises` : 'The others went on as before.');
process.exitCode = broken.length > 0 ? 1 : 0;
