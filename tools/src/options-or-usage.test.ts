import { expect, onTestFinished, test, vi } from 'vitest';
import { optionsOrUsage } from './options-or-usage.ts';

test('gives the options, or says what is wrong, shows the usage, and ends with 2', () => {
  expect(optionsOrUsage(() => ({ seed: 1 }), 'usage')).toEqual({ seed: 1 });
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const ended = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  onTestFinished(() => void vi.restoreAllMocks());
  optionsOrUsage(() => {
    throw new Error('--seed is a number');
  }, 'usage: …');
  expect(said).toHaveBeenCalledExactlyOnceWith('--seed is a number\n\nusage: …');
  expect(ended).toHaveBeenCalledExactlyOnceWith(2);
});
