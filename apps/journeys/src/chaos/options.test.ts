import { expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { faultNames } from './plan-faults.ts';

it('has a preset for everything, and a seed of its own each time', () => {
  const options = readOptions([]);
  expect(options).toMatchObject({ durationMs: 120_000, rate: 20, only: faultNames, longestStopMs: 45_000 });
  expect(readOptions([]).seed).not.toBe(options.seed);
});

it('takes what is given', () => {
  const options = readOptions(['--minutes', '0.5', '--seed', '42', '--rate', '5', '--only', 'kill, term']);
  expect(options).toMatchObject({ durationMs: 30_000, seed: 42, rate: 5, only: ['kill', 'term'] });
});

it.each([
  [['--minutes', 'ten'], '--minutes must be a number from 0.1 to 10000, not "ten"'],
  [['--seed', '-1'], 'seed'],
  [['--only', 'kill,quake'], '--only knows no "quake"; there are: kill, term'],
  [['--speed', '9'], "Unknown option '--speed'"],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
