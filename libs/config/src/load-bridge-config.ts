import type { BridgeConfig, SecretName } from './bridge-config.ts';
import { ConfigError } from './config-error.ts';
import { readBridgeFile, type BridgeConfigSource } from './read-bridge-file.ts';

/**
 * Reads bridge.yaml whole, with the secrets that this process needs.
 *
 * @throws ConfigError with every fault of the file, by line and column
 */
export function loadBridgeConfig<const S extends SecretName = never>(source: BridgeConfigSource<S>): BridgeConfig<S> {
  const reading = readBridgeFile(source);
  if ('faults' in reading) throw new ConfigError(reading.faults);
  return reading.config;
}
