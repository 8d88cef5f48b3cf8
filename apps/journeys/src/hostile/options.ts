import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { numberOption } from '../world/number-option.ts';

export type HostileOptions = { requests: number; seed: number; concurrency: number };

export const usage = `npm run hostile -- [options]
  --requests N      hostile requests, or what goes for them (10000)
  --seed S          repeats the requests of an earlier run (random, printed first)
  --concurrency N   hostile connections at once (150)`;

/** The options of the command line. @throws {Error} that says what is wrong with them */
export function readOptions(args: string[]): HostileOptions {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: 'string', default: '10000' },
      seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
      concurrency: { type: 'string', default: '150' },
    },
  });
  return {
    requests: Math.round(numberOption('requests', values.requests, 3, 1e9)),
    seed: Math.round(numberOption('seed', values.seed, 0, 2 ** 32 - 1)),
    concurrency: Math.round(numberOption('concurrency', values.concurrency, 1, 1_500)),
  };
}
