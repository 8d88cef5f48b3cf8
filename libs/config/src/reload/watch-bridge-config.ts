import { setTimeout as pause } from 'node:timers/promises';
import type { BridgeConfig, Connection, SecretName } from '../bridge-config.ts';
import { createChangedReading } from './changed-reading.ts';
import { ConfigError } from '../config-error.ts';
import { createConfigInForce } from './config-in-force.ts';
import { readBridgeFile, type BridgeConfigSource, type Reading } from '../read-bridge-file.ts';
import { createReloadReport, type ReloadLog, type ReloadMetrics } from './reload-report.ts';

export type WatchOptions<S extends SecretName> = BridgeConfigSource<S> & {
  log: ReloadLog;
  metrics: ReloadMetrics;
  /** Rejects for a configuration that can't be used just now, and is asked again later. Not asked for the first. */
  accept?: (next: BridgeConfig<S>) => Promise<void>;
  /** Of the files; 1,000 unless a test is in a hurry. */
  lookEveryMs?: number;
};

/** bridge.yaml as it is in force: a part of a service, that reads it again when it changed. */
export type BridgeConfigWatch<S extends SecretName> = {
  name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Tells of a file that is refused while what was read before is in force. */
  note(): string | undefined;
  /** What is in force now. A connection that stayed as it was is the same object as before. */
  current(): BridgeConfig<S>;
  /** Calls back whenever something else came into force. */
  onChange(listener: () => void): void;
  /**
   * Reads the secrets of one connection now, where the configuration in force has them, whatever became of bridge.yaml
   * since; what can't be used changes nothing. Gives the connection as it is in force then.
   */
  reread(id: string): Connection<S> | undefined;
};

/**
 * Reads bridge.yaml, and again whenever it or a file that it names changed. A new file is used whole or, with any
 * fault, not at all.
 *
 * @throws ConfigError with every fault of the first reading
 */
export function watchBridgeConfig<const S extends SecretName = never>(options: WatchOptions<S>): BridgeConfigWatch<S> {
  const first = readBridgeFile(options);
  if ('faults' in first) throw new ConfigError(first.faults);
  const report = createReloadReport(options.path, options);
  const { take, ...inForce } = createConfigInForce(options, first, report);
  const look = createChangedReading(options, first.stamps);
  const stopping = new AbortController();
  const { signal } = stopping;
  const { lookEveryMs = 1_000 } = options;
  let notAccepted: Reading<S> | undefined;

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      await lookOnce().catch((error: unknown) => signal.aborted || report.failed(error));
      await pause(lookEveryMs, undefined, { signal }).catch(() => {});
    }
  }

  async function lookOnce(): Promise<void> {
    const reading = (await look(signal)) ?? notAccepted;
    notAccepted = undefined;
    if (!reading || signal.aborted) return;
    if ('faults' in reading) return report.refused(reading.faults);
    try {
      await options.accept?.(reading.config);
    } catch (error) {
      notAccepted = reading;
      const message = error instanceof Error ? error.message : String(error);
      return report.refused([{ where: options.path, message }]);
    }
    take(reading);
  }

  return {
    name: 'bridge.yaml',
    start: async () => void watch(),
    // Not waited for: a file system that hangs would keep the process from its end.
    stop: async () => stopping.abort(),
    note: report.note,
    ...inForce,
  };
}
