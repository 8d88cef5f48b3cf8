import { accountLines } from './account.ts';
import { readOptions, usage } from './options.ts';
import { runChaos } from './run-chaos.ts';

const options = (() => {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return process.exit(2);
  }
})();
const { seed, durationMs, rate } = options;
console.log(`Chaos, seed ${seed}: ${durationMs / 60_000} minutes, ${rate} webhooks and ${rate} commands a second`);
const account = await runChaos(options, (line) => console.log(line));
console.log(`\n${accountLines(account).join('\n')}\n`);
const broken = account.violations.length;
console.log(broken > 0 ? `${broken} broken promises with seed ${seed}` : `Every promise was kept with seed ${seed}`);
process.exitCode = broken > 0 ? 1 : 0;
