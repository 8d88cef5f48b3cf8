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

test('takes a seed to draw schemes from, or makes one', () => {
  const seedOf = (scheme: string) => readEnv(simulatorEnv, { SIMULATOR_SCHEME: scheme }).SIMULATOR_SCHEME;
  expect(seedOf('random:seven_7')).toBe('seven_7');
  expect(seedOf('random')).toMatch(/^[0-9a-f]{8}$/);
  expect(seedOf('random')).not.toBe(seedOf('random'));
  expect(() => seedOf('sha256')).toThrow('SIMULATOR_SCHEME: must be random, or random:<seed>');
});
