import { kafkaEnv, kafkaSettings, loadBridgeConfig, processEnv, readEnv } from '@bridge/config';
import type { BridgeConfig, SecretName } from '@bridge/config';
import type { KafkaSettings } from '@bridge/kafka';
import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from './command-context.ts';

/** Options that every command takes. Each stands for an environment variable, and wins over it. */
type GlobalOptions = { config?: string; brokers?: string; prefix?: string };

type Env = Record<string, string | undefined>;

const variableOf = { config: 'BRIDGE_CONFIG', brokers: 'KAFKA_BROKERS', prefix: 'TOPIC_PREFIX' } as const;

/** An operator sits and waits; a pod may be patient. */
const startupTimeoutMs = '10000';

/** The environment with the command's global options put over it. */
function envOf(command: Command, context: CommandContext): Env {
  const options = command.optsWithGlobals<GlobalOptions>();
  const env: Env = { ...context.env };
  env['KAFKA_STARTUP_TIMEOUT_MS'] ||= startupTimeoutMs;
  for (const [option, variable] of Object.entries(variableOf)) {
    const value = options[option as keyof GlobalOptions];
    if (value !== undefined) env[variable] = value;
  }
  return env;
}

/** How to reach Kafka, and whether its client's log is wanted. Throws a ConfigError that names every bad variable. */
export function readKafkaSettings(command: Command, context: CommandContext): { kafka: KafkaSettings; debug: boolean } {
  const env = readEnv(z.object({ ...kafkaEnv, LOG_LEVEL: processEnv.LOG_LEVEL }), envOf(command, context));
  return { kafka: kafkaSettings(env), debug: env.LOG_LEVEL === 'debug' || env.LOG_LEVEL === 'trace' };
}

/** The prefix of the bridge's topics. */
export function readTopicPrefix(command: Command, context: CommandContext): string {
  return readEnv(z.object({ TOPIC_PREFIX: kafkaEnv.TOPIC_PREFIX }), envOf(command, context)).TOPIC_PREFIX;
}

/** Where bridge.yaml is, and whether somebody said so. */
export function configPath(command: Command, context: CommandContext): { path: string; named: boolean } {
  const env = envOf(command, context);
  const path = readEnv(z.object({ BRIDGE_CONFIG: processEnv.BRIDGE_CONFIG }), env).BRIDGE_CONFIG;
  return { path, named: Boolean(env['BRIDGE_CONFIG']) };
}

/** Where bridge.yaml and its secrets are. Throws a ConfigError that names every bad variable. */
export function bridgeConfigSource(command: Command, context: CommandContext) {
  const env = envOf(command, context);
  const { BRIDGE_ALLOW_UNSIGNED } = readEnv(z.object({ BRIDGE_ALLOW_UNSIGNED: processEnv.BRIDGE_ALLOW_UNSIGNED }), env);
  return { path: configPath(command, context).path, env, allowUnsigned: BRIDGE_ALLOW_UNSIGNED };
}

/** bridge.yaml with only the `secrets` that the command needs. Throws a ConfigError with all faults. */
export function readBridgeConfig<S extends SecretName>(
  command: Command,
  context: CommandContext,
  secrets: readonly S[],
): BridgeConfig<S> {
  return loadBridgeConfig({ ...bridgeConfigSource(command, context), secrets });
}
