import { expect, test } from 'vitest';
import { followLogLevel } from './log-level.ts';
import type { LogLevel } from './log-level.ts';

test('a log follows the file, and has its own level again when the file says nothing any more', () => {
  let file: { log?: { level?: LogLevel } } = { log: { level: 'debug' } };
  const listeners: (() => void)[] = [];
  const log = { level: 'warn' };
  followLogLevel({ current: () => file, onChange: (listener) => void listeners.push(listener) }, log);
  const levelAfter = (next: typeof file) => {
    file = next;
    for (const listener of listeners) listener();
    return log.level;
  };
  const seen = [log.level, levelAfter({ log: { level: 'error' } }), levelAfter({ log: {} }), levelAfter({})];
  expect(seen).toEqual(['debug', 'error', 'warn', 'warn']);
});
