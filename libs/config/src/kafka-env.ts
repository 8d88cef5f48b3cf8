import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, type ConfigFault } from './config-error.ts';
import { booleanEnv, wholeNumberEnv } from './read-env.ts';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** The variables of every app that talks to Kafka, to spread into its schema. {@link kafkaSettings} makes them usable. */
export const kafkaEnv = {
  KAFKA_BROKERS: z
    .string()
    .default('127.0.0.1:9092')
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .refine((brokers) => brokers.every((broker) => /^[^\s:/]+:\d{1,5}$/.test(broker)), {
      error: 'must be a comma-separated list of host:port',
    }),
  TOPIC_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/, 'may hold only letters, digits, "." and "-", at most 100')
    .default('nicochat'),
  KAFKA_SSL: booleanEnv(false),
  KAFKA_SSL_CA_FILE: z.string().optional(),
  KAFKA_SSL_CERT_FILE: z.string().optional(),
  KAFKA_SSL_KEY_FILE: z.string().optional(),
  KAFKA_SASL_MECHANISM: z
    .string()
    .toLowerCase()
    .pipe(z.enum(mechanisms, { error: `must be one of ${mechanisms.join(', ')}` }))
    .optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_SASL_PASSWORD_FILE: z.string().optional(),
  KAFKA_STARTUP_TIMEOUT_MS: wholeNumberEnv({ default: 60_000 }),
};

/** What `kafkaEnv` is read to. */
export type KafkaEnv = z.output<z.ZodObject<typeof kafkaEnv>>;

/** How to reach Kafka. `ssl` and `sasl` are absent where they are not used; certificates are PEM texts. */
export type KafkaSettings = {
  brokers: string[];
  topicPrefix: string;
  ssl?: { ca?: string; cert?: string; key?: string } | boolean;
  sasl?: { mechanism: (typeof mechanisms)[number]; username: string; password: string };
  /** How long to wait for the broker and the topics at start. */
  startupTimeoutMs: number;
};

/**
 * Reads the files that the variables name.
 *
 * @throws ConfigError for a file that can't be read, or variables that don't fit together
 */
export function kafkaSettings(env: KafkaEnv): KafkaSettings {
  const faults: ConfigFault[] = [];
  const ssl = sslSettings(env, faults);
  const sasl = saslSettings(env, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    brokers: env.KAFKA_BROKERS,
    topicPrefix: env.TOPIC_PREFIX,
    ...(ssl !== undefined && { ssl }),
    ...(sasl && { sasl }),
    startupTimeoutMs: env.KAFKA_STARTUP_TIMEOUT_MS,
  };
}

function sslSettings(env: KafkaEnv, faults: ConfigFault[]): KafkaSettings['ssl'] {
  const variables = { ca: 'KAFKA_SSL_CA_FILE', cert: 'KAFKA_SSL_CERT_FILE', key: 'KAFKA_SSL_KEY_FILE' } as const;
  const given = Object.entries(variables).filter(([, variable]) => env[variable] !== undefined);
  if (!env.KAFKA_SSL) {
    const message = 'needs KAFKA_SSL=true: without it the connection is not encrypted';
    faults.push(...given.map(([, where]) => ({ where, message })));
    return undefined;
  }
  if ((env.KAFKA_SSL_CERT_FILE === undefined) !== (env.KAFKA_SSL_KEY_FILE === undefined)) {
    faults.push({ where: 'KAFKA_SSL_CERT_FILE', message: 'goes together with KAFKA_SSL_KEY_FILE: set both or none' });
  }
  if (given.length === 0) return true;
  return Object.fromEntries(given.map(([part, variable]) => [part, readFile(variable, env[variable] ?? '', faults)]));
}

function saslSettings(env: KafkaEnv, faults: ConfigFault[]): KafkaSettings['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD_FILE: file } = env;
  const fault = (where: string, message: string) => void faults.push({ where, message });
  if (file !== undefined && env.KAFKA_SASL_PASSWORD !== undefined) {
    return fault('KAFKA_SASL_PASSWORD_FILE', 'is set together with KAFKA_SASL_PASSWORD: set one of them');
  }
  const password = file === undefined ? env.KAFKA_SASL_PASSWORD : readFile('KAFKA_SASL_PASSWORD_FILE', file, faults);
  if (mechanism === undefined) {
    if (username !== undefined) fault('KAFKA_SASL_USERNAME', 'needs KAFKA_SASL_MECHANISM');
    if (password !== undefined) fault('KAFKA_SASL_PASSWORD', 'needs KAFKA_SASL_MECHANISM');
    return undefined;
  }
  if (username === undefined) fault('KAFKA_SASL_USERNAME', 'is not set, and KAFKA_SASL_MECHANISM needs it');
  if (password === undefined) {
    fault('KAFKA_SASL_PASSWORD', 'is not set (nor KAFKA_SASL_PASSWORD_FILE), and KAFKA_SASL_MECHANISM needs it');
  }
  return username === undefined || password === undefined ? undefined : { mechanism, username, password };
}

function readFile(where: string, path: string, faults: ConfigFault[]): string {
  try {
    const content = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
    if (content === '') faults.push({ where, message: `${path} is empty` });
    return content;
  } catch (error) {
    faults.push({ where, message: `${path} can't be read (${String((error as NodeJS.ErrnoException).code)})` });
    return '';
  }
}
