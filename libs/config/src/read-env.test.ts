import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { booleanEnv, ConfigError, kafkaEnv, portEnv, processEnv, readEnv, wholeNumberEnv } from './index.ts';

function faultsOf(read: () => unknown) {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('readEnv', () => {
  const schema = z.object({ PORT: portEnv(8080), NAME: z.string(), IS_ON: booleanEnv(false) });

  test('gives defaults for what is not set', () => {
    expect(readEnv(schema, { NAME: 'a' })).toEqual({ PORT: 8080, NAME: 'a', IS_ON: false });
  });

  test('reads what is set, and nothing else', () => {
    const env = { PORT: '1', NAME: 'b', IS_ON: 'true', OTHER: 'x' };
    expect(readEnv(schema, env)).toEqual({ PORT: 1, NAME: 'b', IS_ON: true });
  });

  test('takes an empty variable for one that is not set', () => {
    expect(readEnv(schema, { PORT: '', NAME: 'a', IS_ON: '' })).toEqual({ PORT: 8080, NAME: 'a', IS_ON: false });
    expect(faultsOf(() => readEnv(schema, { NAME: '' }))).toEqual([{ where: 'NAME', message: 'is not set' }]);
  });

  test('names every bad variable at once, one a line, and no value', () => {
    const read = () => readEnv(schema, { PORT: 'seven', IS_ON: 'perhaps' });
    expect(faultsOf(read)).toEqual([
      { where: 'PORT', message: 'must be a whole number from 0 to 65535' },
      { where: 'NAME', message: 'is not set' },
      { where: 'IS_ON', message: 'must be true or false' },
    ]);
    expect(read).toThrow(/^PORT: must be .*\nNAME: is not set\nIS_ON: must be true or false$/);
  });

  test('throws what ends a process with 78', () => {
    expect(() => readEnv(schema, {})).toThrow(expect.objectContaining({ exitCode: 78, name: 'ConfigError' }));
  });
});

describe('a whole number', () => {
  const schema = z.object({ N: wholeNumberEnv({ default: 5, min: 2, max: 10 }) });

  test.each(['2', '10', '007'])('may be %s', (text) => {
    expect(readEnv(schema, { N: text })).toEqual({ N: Number(text) });
  });

  test.each(['1', '11', '-3', '2.5', '1e1', '0x5', ' 5', '5 ', 'NaN', '99999999999999999999'])(
    'may not be %j',
    (text) => {
      const faults = faultsOf(() => readEnv(schema, { N: text }));
      expect(faults).toEqual([{ where: 'N', message: 'must be a whole number from 2 to 10' }]);
    },
  );
});

describe('the variables of every app', () => {
  const schema = z.object({ ...processEnv, ...kafkaEnv });

  test('have these defaults', () => {
    expect(readEnv(schema, {})).toEqual({
      HOST: '0.0.0.0',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      BRIDGE_CONFIG: 'bridge.yaml',
      BRIDGE_ALLOW_UNSIGNED: false,
      READINESS_GRACE_MS: 0,
      KAFKA_BROKERS: ['127.0.0.1:9092'],
      TOPIC_PREFIX: 'nicochat',
      KAFKA_SSL: false,
      KAFKA_STARTUP_TIMEOUT_MS: 60_000,
    });
  });

  test.each([
    ['LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, error, fatal, silent'],
    ['LOG_FORMAT', 'xml', 'must be one of json, pretty'],
    ['BRIDGE_ALLOW_UNSIGNED', 'maybe', 'must be true or false'],
    ['KAFKA_BROKERS', 'a:1,', 'must be a comma-separated list of host:port'],
    ['KAFKA_BROKERS', 'kafka', 'must be a comma-separated list of host:port'],
    ['KAFKA_BROKERS', 'http://kafka:9092', 'must be a comma-separated list of host:port'],
    ['TOPIC_PREFIX', 'my_prefix', 'may hold only letters, digits, "." and "-", at most 100'],
    ['KAFKA_SSL', '2', 'must be true or false'],
    ['KAFKA_SASL_MECHANISM', 'md5', 'must be one of plain, scram-sha-256, scram-sha-512'],
    ['KAFKA_STARTUP_TIMEOUT_MS', '0', 'must be a whole number from 1 to 2147483647'],
  ])('refuse %s=%s', (where, value, message) => {
    expect(faultsOf(() => readEnv(schema, { [where]: value }))).toEqual([{ where, message }]);
  });

  test("take a mechanism in Kafka's own capitals", () => {
    expect(readEnv(schema, { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' }).KAFKA_SASL_MECHANISM).toBe('scram-sha-512');
  });

  test('take a list of brokers with spaces', () => {
    expect(readEnv(schema, { KAFKA_BROKERS: 'a:9092, b:9093' }).KAFKA_BROKERS).toEqual(['a:9092', 'b:9093']);
  });
});
