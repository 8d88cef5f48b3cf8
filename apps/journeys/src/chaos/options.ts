import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { numberOption } from '../world/number-option.ts';
import { faultNames } from './plan-faults.ts';
import type { FaultName } from './plan-faults.ts';

export type ChaosOptions = {
  durationMs: number;
  seed: number;
  /** Webhooks a second, and commands a second. */
  rate: number;
  only: FaultName[];
  /** How long a process is stopped at most. */
  longestStopMs: number;
  keepLogs: boolean;
};

export const usage = `npm run chaos -- [options]
  --minutes N        how long things go wrong (2)
  --seed S           repeats the faults of an earlier run (random, printed first)
  --rate N           webhooks a second, and as many commands (20)
  --only NAMES       only these faults, comma-separated: ${faultNames.join(', ')}
  --longest-stop N   seconds that a process is stopped at most (45)
  --keep-logs        keep the logs of all processes also when no promise was broken`;

/** The options of the command line. @throws {Error} that says what is wrong with them */
export function readOptions(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
      rate: { type: 'string', default: '20' },
      only: { type: 'string', default: faultNames.join(',') },
      'longest-stop': { type: 'string', default: '45' },
      'keep-logs': { type: 'boolean', default: false },
    },
  });
  return {
    durationMs: numberOption('minutes', values.minutes, 0.1, 10_000) * 60_000,
    seed: numberOption('seed', values.seed, 0, 2 ** 32 - 1),
    rate: numberOption('rate', values.rate, 0.1, 10_000),
    only: values.only.split(',').map(faultName),
    longestStopMs: numberOption('longest-stop', values['longest-stop'], 3, 600) * 1_000,
    keepLogs: values['keep-logs'],
  };
}

function faultName(name: string): FaultName {
  const known = faultNames.find((one) => one === name.trim());
  if (known) return known;
  throw new Error(`--only knows no "${name}"; there are: ${faultNames.join(', ')}`);
}
