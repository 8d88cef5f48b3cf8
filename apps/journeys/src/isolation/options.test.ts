import { expect, it } from 'vitest';
import { readOptions } from './options.ts';

it('has a preset for everything', () => {
  expect(readOptions([])).toEqual({ durationMs: 300_000, badness: '500', rate: 40, flood: 1 });
});

it('takes what is given', () => {
  const options = readOptions(['--minutes', '0.5', '--fault', 'hang', '--rate', '100', '--flood', '20']);
  expect(options).toEqual({ durationMs: 30_000, badness: 'hang', rate: 100, flood: 20 });
});

it.each([
  [['--fault', 'fire'], '--fault knows no "fire"; there are: 500, hang, slow'],
  [['--flood', 'big'], '--flood must be a number from 1 to 10000, not "big"'],
  [['--seed', '1'], "Unknown option '--seed'"],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
