import { expect, it } from 'vitest';
import { readOptions, usage } from './options.ts';
import { faultNames, usualFaults } from './plan-faults.ts';

it('has a preset for everything, and a seed of its own each time', () => {
  const options = readOptions([]);
  expect(options).toMatchObject({
    durationMs: 120_000,
    rate: 20,
    only: usualFaults,
    longestStopMs: 45_000,
    spool: false,
  });
  expect(readOptions([])).not.toEqual(options);
});

it('takes what is given', () => {
  const options = readOptions(['--minutes', '0.5', '--seed', '42', '--rate', '5', '--only', 'kill, term', '--spool']);
  expect(options).toMatchObject({ durationMs: 30_000, seed: 42, rate: 5, only: ['kill', 'term'], spool: true });
});

it('tells of all its options', () => {
  expect(readOptions(['--help'])).toBe('help');
  for (const name of faultNames) expect(usage).toContain(name);
});

it.each([
  [['--minutes', 'ten'], '--minutes must be a number from 0.1 to 10000, not "ten"'],
  [['--seed', '-1'], 'seed'],
  [['--only', 'kill,quake'], '--only knows no "quake"; there are: kill, term'],
  [['--speed', '9'], "Unknown option '--speed'"],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
