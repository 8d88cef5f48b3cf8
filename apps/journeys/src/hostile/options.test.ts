import { expect, it } from 'vitest';
import { readOptions } from './options.ts';

it('takes what is given and chooses the rest', () => {
  expect(readOptions(['--requests', '500', '--seed', '7'])).toEqual({ requests: 500, seed: 7, concurrency: 150 });
  expect(readOptions([])).toMatchObject({ requests: 10_000, seed: expect.any(Number) });
});

it.each([
  [['--requests', 'many'], /--requests must be a number from 3/],
  [['--concurrency', '0'], /--concurrency must be a number from 1/],
  [['--speed', '1'], /speed/],
])('refuses %j', (args, complaint) => {
  expect(() => readOptions(args)).toThrow(complaint);
});
