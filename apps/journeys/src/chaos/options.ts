import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { numberOption } from '../world/number-option.ts';
import { faultNames, usualFaults } from './plan-faults.ts';
import type { FaultName } from './plan-faults.ts';

export type ChaosOptions = {
  durationMs: number;
  seed: number;
  /** Webhooks a second, and commands a second. */
  rate: number;
  only: FaultName[];
  /** How long a process is stopped at most. */
  longestStopMs: number;
  /** Whether ingress has a spool: then no webhook is refused. */
  spool: boolean;
  keepLogs: boolean;
};

const ofUsual = (prefix: RegExp) => usualFaults.filter((name) => prefix.test(name)).join(', ');
const onlyByName = faultNames.filter((name) => !usualFaults.includes(name));

export const usage = `npm run chaos -- [options]
  --minutes N        how long things go wrong (2)
  --seed S           repeats the faults of an earlier run (random, printed first)
  --rate N           webhooks a second, and as many commands (20)
  --spool            ingress has a spool: a webhook that is refused is a broken promise
  --only NAMES       only these faults, comma-separated:
                     ${ofUsual(/^[^-]+$/)},
                     ${ofUsual(/^broker-/)},
                     ${ofUsual(/^kafka-/)},
                     ${ofUsual(/^bot-/)},
                     and one that happens only when it is named: ${onlyByName.join(', ')},
                     a minute without a broker, with a kill of ingress in the middle of it
  --longest-stop N   seconds that a process is stopped at most (45)
  --keep-logs        keep the logs of all processes also when no promise was broken
  --help             this

It ends with 0 when every promise was kept, with 1 when one was broken.`;

/**
 * The options of the command line, or that only help is wanted.
 * @throws {Error} that says what is wrong with them
 */
export function readOptions(args: string[]): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
      rate: { type: 'string', default: '20' },
      spool: { type: 'boolean', default: false },
      only: { type: 'string', default: usualFaults.join(',') },
      'longest-stop': { type: 'string', default: '45' },
      'keep-logs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    durationMs: numberOption('minutes', values.minutes, 0.1, 10_000) * 60_000,
    seed: numberOption('seed', values.seed, 0, 2 ** 32 - 1),
    rate: numberOption('rate', values.rate, 0.1, 10_000),
    only: values.only.split(',').map(faultName),
    longestStopMs: numberOption('longest-stop', values['longest-stop'], 3, 600) * 1_000,
    spool: values.spool,
    keepLogs: values['keep-logs'],
  };
}

function faultName(name: string): FaultName {
  const known = faultNames.find((one) => one === name.trim());
  if (known) return known;
  throw new Error(`--only knows no "${name}"; there are: ${faultNames.join(', ')}`);
}
