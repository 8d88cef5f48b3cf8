import { portIsBusy } from './ports.ts';
import { ToolError } from './tool-error.ts';

/** What listens where in `npm start`, all on 127.0.0.1. The variables are the apps' own; KAFKA_PORT is docker-compose.yml's. */
const defaults = {
  INGRESS_PORT: 8080,
  INGRESS_PROBES_PORT: 9080,
  ROUTER_PROBES_PORT: 9081,
  OUTBOUND_PROBES_PORT: 9082,
  SIMULATOR_PORT: 8090,
  SIMULATOR_PROBES_PORT: 9083,
  KAFKA_PORT: 9092,
};

export type DemoPorts = typeof defaults;

/** The ports, each by its variable or its default. */
export function demoPorts(env: Record<string, string | undefined>): DemoPorts {
  const read = (name: string, preset: number) => {
    const port = Number(env[name] || preset);
    if (Number.isInteger(port) && port > 0 && port < 65_535) return port;
    throw new ToolError(`${name} must be a port, and is ${env[name]}`);
  };
  return Object.fromEntries(Object.entries(defaults).map(([name, preset]) => [name, read(name, preset)])) as DemoPorts;
}

/** @throws {ToolError} naming every busy port, and what to do */
export async function refuseBusyPorts(ports: Partial<DemoPorts>): Promise<void> {
  const busy: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    // The local Kafka's controller takes the next one.
    for (const each of name === 'KAFKA_PORT' ? [port, port + 1] : [port]) {
      if (await portIsBusy(each))
        busy.push(`  ${each}  (another one: ${name}=${port < 50_000 ? port + 10_000 : port - 10_000} npm start)`);
    }
  }
  if (busy.length === 0) return;
  throw new ToolError(
    [
      'npm start needs these ports, and they are busy:',
      ...busy,
      'Does another `npm start` run? Stop what listens there (lsof -i :PORT shows it), or choose another port.',
      ...('KAFKA_PORT' in ports ? ['To use a Kafka that runs already: KAFKA_BROKERS=host:port npm start'] : []),
    ].join('\n'),
  );
}
