import { parseArgs } from 'node:util';
import { numberOption } from '../world/number-option.ts';

/** What is wrong with one connection of twenty: it answers 500, answers nothing, or takes five seconds a call. */
export const badnesses = ['500', 'hang', 'slow'] as const;
export type Badness = (typeof badnesses)[number];

export type IsolationOptions = {
  durationMs: number;
  badness: Badness;
  /** Commands a second over all connections, in each of the two worlds. */
  rate: number;
  /** So many times as many commands for the bad connection while it is bad, in both worlds. */
  flood: number;
};

export const usage = `npm run isolation -- [options]
  --minutes N   how long one of twenty connections is bad (5)
  --fault F     how: ${badnesses.join(', ')} (500)
  --rate N      commands a second in all, to each of two worlds (40)
  --flood N     the bad connection gets N times as many commands while it is bad (1)`;

/** The options of the command line. @throws {Error} that says what is wrong with them */
export function readOptions(args: string[]): IsolationOptions {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '5' },
      fault: { type: 'string', default: '500' },
      rate: { type: 'string', default: '40' },
      flood: { type: 'string', default: '1' },
    },
  });
  return {
    durationMs: numberOption('minutes', values.minutes, 0.1, 10_000) * 60_000,
    badness: badnessOf(values.fault),
    rate: numberOption('rate', values.rate, 1, 10_000),
    flood: numberOption('flood', values.flood, 1, 10_000),
  };
}

function badnessOf(text: string): Badness {
  const known = badnesses.find((one) => one === text);
  if (known) return known;
  throw new Error(`--fault knows no "${text}"; there are: ${badnesses.join(', ')}`);
}
