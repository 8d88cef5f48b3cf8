import { ConfigError, readEnv } from '@bridge/config';
import { expect, test } from 'vitest';
import { ingressEnv } from './env.ts';

test('without any variable the documented defaults hold', () => {
  expect(readEnv(ingressEnv, {})).toMatchObject({
    HOST: '0.0.0.0',
    INGRESS_PORT: 8080,
    INGRESS_PROBES_PORT: 9080,
    INGRESS_PUBLISH_TIMEOUT_MS: 2_000,
    INGRESS_BODY_LIMIT_BYTES: 1_048_576,
    INGRESS_TRUSTED_PROXIES: [],
    INGRESS_SPOOL_MAX_BYTES: 1_073_741_824,
  });
  expect(readEnv(ingressEnv, {})).not.toHaveProperty('INGRESS_SPOOL_DIR');
});

test('trusted proxies are a list of addresses and CIDRs', () => {
  const env = readEnv(ingressEnv, { INGRESS_TRUSTED_PROXIES: '10.0.0.0/8, ::1,192.0.2.7' });
  expect(env.INGRESS_TRUSTED_PROXIES).toEqual(['10.0.0.0/8', '::1', '192.0.2.7']);
});

test.each([
  ['INGRESS_PORT', '65536'],
  ['INGRESS_PORT', 'http'],
  ['INGRESS_PUBLISH_TIMEOUT_MS', '0'],
  ['INGRESS_BODY_LIMIT_BYTES', '1e6'],
  ['INGRESS_SPOOL_MAX_BYTES', '1GiB'],
  ['INGRESS_TRUSTED_PROXIES', 'proxy.example'],
  ['INGRESS_TRUSTED_PROXIES', '10.0.0.0/8/8'],
  ['INGRESS_TRUSTED_PROXIES', '10.0.0.0/33'],
])('%s can not be %j', (name, value) => {
  expect(() => readEnv(ingressEnv, { [name]: value })).toThrow(ConfigError);
  expect(() => readEnv(ingressEnv, { [name]: value })).toThrow(name);
});
