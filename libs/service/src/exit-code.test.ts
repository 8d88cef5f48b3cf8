import { expect, test } from 'vitest';
import { exitCodeOf } from './exit-code.ts';

test.each([
  [Object.assign(new Error('config'), { exitCode: 78 }), 78],
  [new Error('unexpected'), 1],
  [Object.assign(new Error('a lie'), { exitCode: 0 }), 1],
  [Object.assign(new Error('text'), { exitCode: '78' }), 1],
  [Object.assign(new Error('too large'), { exitCode: 256 }), 1],
  ['not an error', 1],
  [undefined, 1],
])('%s ends the process with %i', (error, exitCode) => {
  expect(exitCodeOf(error)).toBe(exitCode);
});
