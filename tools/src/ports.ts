import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections: one that is free now stays free. */
const lowest = 15_000;
const highest = 32_000;

/** Whether something on 127.0.0.1 listens on the port. */
export async function portIsBusy(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return true;
  }
  server.close();
  await once(server, 'close');
  return false;
}

/** As many different free ports of 127.0.0.1 as asked for. Another process may take one before its user does. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(lowest, highest);
    if (!(await portIsBusy(port))) ports.add(port);
  }
  return [...ports];
}

/** A free port whose next one is free as well: a local Kafka's controller takes that. None of it is in `taken`. */
export async function freePortPair(taken: readonly number[] = []): Promise<number> {
  for (;;) {
    const [port = 0] = await freePorts(1);
    const inUse = taken.includes(port) || taken.includes(port + 1);
    if (!inUse && !(await portIsBusy(port + 1))) return port;
  }
}

/** A free port for each name. */
export async function namedPorts<const Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, free[index]])) as Record<Name, number>;
}
