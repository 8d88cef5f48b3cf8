import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, kafkaEnv, kafkaSettings, readEnv } from './index.ts';

let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kafka-env-'));
  for (const name of ['ca', 'cert', 'key']) writeFileSync(file(name), `pem of ${name}\n`);
  writeFileSync(file('password'), 's3nha\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (env: Record<string, string>) => kafkaSettings(readEnv(z.object(kafkaEnv), env));

function faultsOf(env: Record<string, string>) {
  try {
    settings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('kafkaSettings', () => {
  test('is a plain connection when nothing is set', () => {
    expect(settings({})).toEqual({ brokers: ['127.0.0.1:9092'], topicPrefix: 'nicochat', startupTimeoutMs: 60_000 });
  });

  test("trusts the system's authorities when KAFKA_SSL is all that is set", () => {
    expect(settings({ KAFKA_SSL: 'true' })).toMatchObject({ ssl: true });
  });

  test('reads the certificates', () => {
    const env = { KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: file('ca') };
    expect(settings(env)).toMatchObject({ ssl: { ca: 'pem of ca' } });
    const mutual = { ...env, KAFKA_SSL_CERT_FILE: file('cert'), KAFKA_SSL_KEY_FILE: file('key') };
    expect(settings(mutual).ssl).toEqual({ ca: 'pem of ca', cert: 'pem of cert', key: 'pem of key' });
  });

  test('takes the password from its variable or from its file, without the newline at the end', () => {
    const env = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'bridge' };
    const sasl = { mechanism: 'scram-sha-512', username: 'bridge', password: 's3nha' };
    expect(settings({ ...env, KAFKA_SASL_PASSWORD: 's3nha' }).sasl).toEqual(sasl);
    expect(settings({ ...env, KAFKA_SASL_PASSWORD_FILE: file('password') }).sasl).toEqual(sasl);
  });

  test.each<[string, () => Record<string, string>, string[]]>([
    ['a certificate without KAFKA_SSL', () => ({ KAFKA_SSL_CA_FILE: file('ca') }), ['KAFKA_SSL_CA_FILE']],
    [
      'a certificate without its key',
      () => ({ KAFKA_SSL: 'true', KAFKA_SSL_CERT_FILE: file('cert') }),
      ['KAFKA_SSL_CERT_FILE'],
    ],
    [
      'files that do not exist',
      () => ({
        KAFKA_SSL: 'true',
        KAFKA_SSL_CA_FILE: file('nope'),
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_USERNAME: 'bridge',
        KAFKA_SASL_PASSWORD_FILE: file('nope'),
      }),
      ['KAFKA_SSL_CA_FILE', 'KAFKA_SASL_PASSWORD_FILE'],
    ],
    [
      'both forms of the password',
      () => ({
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_USERNAME: 'bridge',
        KAFKA_SASL_PASSWORD: 's3nha',
        KAFKA_SASL_PASSWORD_FILE: file('password'),
      }),
      ['KAFKA_SASL_PASSWORD_FILE'],
    ],
    [
      'a mechanism without name and password',
      () => ({ KAFKA_SASL_MECHANISM: 'plain' }),
      ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
    ],
    [
      'a name and password without mechanism',
      () => ({ KAFKA_SASL_USERNAME: 'bridge', KAFKA_SASL_PASSWORD: 's3nha' }),
      ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
    ],
    ['an empty password file', () => emptyPassword(), ['KAFKA_SASL_PASSWORD_FILE']],
  ])('refuses %s', (_name, env, where) => {
    const faults = faultsOf(env());
    expect(faults.map((fault) => fault.where)).toEqual(where);
    expect(JSON.stringify(faults)).not.toContain('s3nha');
  });

  function emptyPassword() {
    writeFileSync(file('empty'), '\n');
    return { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'b', KAFKA_SASL_PASSWORD_FILE: file('empty') };
  }
});
