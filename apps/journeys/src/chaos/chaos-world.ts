import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortPair, namedPorts } from '@bridge/tools/ports';
import { createBridgeWorld } from './bridge-world.ts';
import { createBroker } from './broker.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { FleetOptions } from './fleet.ts';
import { guests, members } from './plan-faults.ts';

export type ChaosWorld = Awaited<ReturnType<typeof createChaosWorld>>;

/**
 * Everything of a run, not started yet but for Kafka: a broker that clients reach through a proxy only, a proxy before the
 * bot, and the bridge between. The harness itself goes past the proxies, so that it sees what is.
 */
export async function createChaosWorld(options: { spool: boolean; onCrash: FleetOptions['onCrash'] }) {
  const ports = await choosePorts();
  const broker = createBroker({ port: ports.kafka, proxyPort: ports.kafkaProxy, internalPort: ports.kafkaInternal });
  await broker.start();
  const kafkaProxy = await startFaultProxy({ port: ports.kafkaProxy, targetPort: ports.kafka });
  const botProxy = await startFaultProxy({ port: ports.botProxy, targetPort: ports.simulator });
  // It outlives whoever uses it.
  const spoolFolder = mkdtempSync(join(tmpdir(), 'bridge-chaos-spool-'));
  const bridge = await createBridgeWorld({
    brokers: { apps: `127.0.0.1:${ports.kafkaProxy}`, harness: `127.0.0.1:${ports.kafkaInternal}` },
    ports: { simulator: ports.simulator, front: { simulator: ports.botProxy, ingress: ports.ingress } },
    probesPortOf: (member) => ports[member as keyof typeof ports],
    envOf: (member) => ({
      INGRESS_PORT: String(ports.ingress),
      ...(options.spool && { INGRESS_SPOOL_DIR: join(spoolFolder, member) }),
    }),
    onCrash: options.onCrash,
  });

  return {
    ...bridge,
    broker,
    kafkaProxy,
    botProxy,
    /** How many events wait in the spool. */
    async spooled(): Promise<number> {
      const page = await fetch(`http://127.0.0.1:${ports['ingress-1']}/metrics`).then((answer) => answer.text());
      return Number(/^bridge_ingress_spool_records (\d+)/m.exec(page)?.[1] ?? 0);
    },
    /** Ends what is left; more than once, too. */
    async close(): Promise<void> {
      await bridge.close();
      await Promise.all([kafkaProxy.close(), botProxy.close()]);
      await broker.stop();
      broker.remove();
      rmSync(spoolFolder, { recursive: true, force: true });
    },
  };
}

async function choosePorts() {
  const places = ['kafkaInternal', 'kafkaProxy', 'botProxy', 'simulator', 'ingress'] as const;
  const named = await namedPorts([...places, 'simulator-1', ...members, ...guests]);
  return { ...named, kafka: await freePortPair(Object.values(named)) };
}
