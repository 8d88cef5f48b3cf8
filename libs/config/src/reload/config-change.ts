import { isDeepStrictEqual } from 'node:util';
import type { BridgeConfig, SecretName } from '../bridge-config.ts';

/** What another reading of bridge.yaml changes: ids of connections, and names of the file's other sections. */
export type ConfigChange = { added: string[]; changed: string[]; removed: string[]; sections: string[] };

/**
 * What `next` changes of `current`, and `next` with the very objects of `current` for all connections that stay as they
 * were, so that whoever holds one can tell whether it changed. No change is undefined.
 */
export function compareConfigs<S extends SecretName>(
  current: BridgeConfig<S>,
  next: BridgeConfig<S>,
): { change: ConfigChange; config: BridgeConfig<S> } | undefined {
  const change: ConfigChange = { added: [], changed: [], removed: [], sections: [] };
  const connections = new Map(
    [...next.connections].map(([id, connection]) => {
      const before = current.connections.get(id);
      if (before !== undefined && isDeepStrictEqual(before, connection)) return [id, before];
      change[before === undefined ? 'added' : 'changed'].push(id);
      return [id, connection];
    }),
  );
  for (const id of current.connections.keys()) if (!next.connections.has(id)) change.removed.push(id);
  const { connections: _before, ...rest } = current;
  const { connections: _after, ...nextRest } = next;
  const sections = ['nicochat', 'channels', 'routes', 'defaultChannel', 'egress', 'log'] as const;
  change.sections = sections.filter((name) => !isDeepStrictEqual(rest[name], nextRest[name]));
  const isSame = Object.values(change).every((names) => names.length === 0);
  return isSame ? undefined : { change, config: { ...next, connections } };
}
