import { optionsOrUsage } from '@bridge/tools/options-or-usage';
import { accountLines } from './account.ts';
import { readOptions, usage } from './options.ts';
import { runHostile } from './run-hostile.ts';

const options = optionsOrUsage(readOptions, usage);
const { requests, seed, concurrency } = options;
console.log(`${requests} hostile requests, ${concurrency} at once, seed ${seed}`);
const startedAt = Date.now();
const { broken, ...run } = await runHostile(options, (line) =>
  console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(7)}s  ${line}`),
);
console.log(`\n${accountLines(run).join('\n')}\n`);
for (const line of broken.slice(0, 40)) console.log(line);
console.log(
  broken.length > 0 ? `${broken.length} broken promises with seed ${seed}` : 'Good webhooks went on as before.',
);
process.exitCode = broken.length > 0 ? 1 : 0;
