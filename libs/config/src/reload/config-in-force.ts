import type { BridgeConfig, Connection, SecretName } from '../bridge-config.ts';
import { compareConfigs } from './config-change.ts';
import { rereadConnection, type BridgeConfigSource, type Reading } from '../read-bridge-file.ts';
import type { ReloadReport } from './reload-report.ts';

type Usable<S extends SecretName> = Extract<Reading<S>, { config: unknown }>;

/** Holds what bridge.yaml says, until a new reading is taken. */
export function createConfigInForce<S extends SecretName>(
  source: BridgeConfigSource<S>,
  first: Usable<S>,
  report: ReloadReport,
) {
  let { config, data } = first;
  const listeners: (() => void)[] = [];

  function put(next: BridgeConfig<S>): void {
    config = next;
    for (const listener of listeners) listener();
  }

  function take(reading: Usable<S>): void {
    const compared = compareConfigs(config, reading.config);
    data = reading.data;
    report.applied(compared?.change);
    if (compared) put(compared.config);
  }

  function reread(id: string): Connection<S> | undefined {
    const fresh = rereadConnection(source, data, id);
    const next = fresh && { ...config, connections: new Map(config.connections).set(id, fresh) };
    const compared = next && compareConfigs(config, next);
    if (compared) {
      report.reread(id);
      put(compared.config);
    }
    return config.connections.get(id);
  }

  return {
    current: () => config,
    take,
    reread,
    onChange: (listener: () => void) => void listeners.push(listener),
  };
}
