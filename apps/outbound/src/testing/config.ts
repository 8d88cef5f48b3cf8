import { isDeepStrictEqual } from 'node:util';
import type { OutboundConnection } from '../deliver-send-command.ts';

/** A configuration in force that a test changes by `put`; `onDisk` is what a connection's secrets are read to. */
export function testConfig(given: OutboundConnection[], egressAllow = ['127.0.0.1']) {
  let allow = egressAllow;
  let connections = new Map(given.map((connection) => [connection.id, connection]));
  const onDisk = new Map<string, OutboundConnection>();
  const listeners: (() => void)[] = [];

  function put(next: OutboundConnection[], nextAllow = allow): void {
    allow = nextAllow;
    connections = new Map(
      next.map((connection) => {
        const before = connections.get(connection.id);
        return [connection.id, before && isDeepStrictEqual(before, connection) ? before : connection];
      }),
    );
    for (const listener of listeners) listener();
  }

  return {
    put,
    onDisk,
    current: () => ({ connections, channels: new Map(), routes: [], egress: { allow } }),
    onChange: (listener: () => void) => void listeners.push(listener),
    reread(id: string) {
      const fresh = onDisk.get(id);
      if (fresh) put([...connections.values()].map((connection) => (connection.id === id ? fresh : connection)));
      return connections.get(id);
    },
  };
}
