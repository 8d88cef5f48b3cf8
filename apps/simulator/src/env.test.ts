import { readEnv } from '@bridge/config';
import { expect, test } from 'vitest';
import { simulatorEnv } from './env.ts';

test('has a value for everything, and by default only this machine reaches it', () => {
  expect(readEnv(simulatorEnv, { HOST: '' })).toEqual({
    HOST: '127.0.0.1',
    SIMULATOR_PORT: 8090,
    SIMULATOR_PROBES_PORT: 9083,
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
  });
});

test('names all that is wrong with it at once', () => {
  const bad = { SIMULATOR_PORT: 'x', SIMULATOR_PUBLIC_URL: 'ftp://a', LOG_LEVEL: 'loud' };
  const read = () => readEnv(simulatorEnv, bad);
  expect(read).toThrow(/SIMULATOR_PORT: [^]*SIMULATOR_PUBLIC_URL: [^]*LOG_LEVEL: /);
  expect(read).toThrow(expect.objectContaining({ exitCode: 78 }));
});
