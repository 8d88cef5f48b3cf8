import { optionsOrUsage } from '@bridge/tools/options-or-usage';
import { accountLines } from './account.ts';
import { readOptions, usage } from './options.ts';
import { runChaos } from './run-chaos.ts';

const options = optionsOrUsage(readOptions, usage);
if (options === 'help') {
  console.log(usage);
  process.exit(0);
}
const { seed, durationMs, rate, spool } = options;
const load = `${rate} webhooks and ${rate} commands a second, ingress ${spool ? 'with' : 'without'} a spool`;
console.log(`Chaos, seed ${seed}: ${durationMs / 60_000} minutes, ${load}`);
const account = await runChaos(options, (line) => console.log(line));
console.log(`\n${accountLines(account).join('\n')}\n`);
const broken = account.violations.length;
console.log(broken > 0 ? `${broken} broken promises with seed ${seed}` : `Every promise was kept with seed ${seed}`);
process.exitCode = broken > 0 ? 1 : 0;
