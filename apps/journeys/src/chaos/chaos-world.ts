import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ending } from '@bridge/tools/app-process';
import { freePortPair, freePorts } from '@bridge/tools/ports';
import { connectionOf, createBridgeFolder } from '../world/bridge-folder.ts';
import type { Connection } from '../world/bridge-folder.ts';
import { createSimulatorClient } from '../world/simulator-client.ts';
import { openTopics } from '../world/topics.ts';
import { createBroker } from './broker.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { createFleet } from './fleet.ts';
import type { FleetMember } from './fleet.ts';
import { guests, members } from './plan-faults.ts';

export type ChaosWorld = Awaited<ReturnType<typeof createChaosWorld>>;

export const connectionCount = 20;
/** Of the connections: their messages go to a topic of their own. */
const supportConnections = 5;

/**
 * Everything of a run, not started yet but for Kafka: a broker that clients reach through a proxy only, a proxy before the
 * bot, a bridge.yaml, and a seat for each process. The harness itself goes past the proxies, so that it sees what is.
 */
export async function createChaosWorld(options: { onCrash(member: FleetMember, ending: Ending): void }) {
  const prefix = `t-${randomBytes(5).toString('hex')}`;
  const ports = await choosePorts();
  const broker = createBroker({ port: ports.kafka, proxyPort: ports.kafkaProxy, internalPort: ports.kafkaInternal });
  await broker.start();
  const kafkaProxy = await startFaultProxy({ port: ports.kafkaProxy, targetPort: ports.kafka });
  const botProxy = await startFaultProxy({ port: ports.botProxy, targetPort: ports.simulator });

  const supportTopic = `${prefix}.support`;
  const connections = Array.from({ length: connectionCount }, (_, index) =>
    connectionOf(`company-${index + 1}`, index, { simulator: ports.botProxy, ingress: ports.ingress }),
  ) as [Connection, ...Connection[]];
  const files = createBridgeFolder({
    connections: connections.map((connection) => ({
      connection,
      options: { workspace: { botAnswers: false } },
    })),
    routing: {
      channels: { support: { topic: supportTopic } },
      routes: connections
        .slice(0, supportConnections)
        .map(({ id }) => ({ name: `of-${id}`, when: { connection: id }, channel: 'support' })),
      defaultChannel: 'triage',
    },
    ports,
  });
  const topics = await openTopics({ brokers: `127.0.0.1:${ports.kafkaInternal}`, prefix, own: [supportTopic] });
  const logFolder = mkdtempSync(join(tmpdir(), 'bridge-chaos-logs-'));
  const envOf = (member: FleetMember) => ({
    HOST: '127.0.0.1',
    KAFKA_BROKERS: `127.0.0.1:${ports.kafkaProxy}`,
    TOPIC_PREFIX: prefix,
    BRIDGE_CONFIG: files.bridgeFile,
    SIMULATOR_WORKSPACES: files.workspacesFile,
    SIMULATOR_PORT: String(ports.simulator),
    SIMULATOR_PROBES_PORT: String(ports['simulator-1']),
    INGRESS_PORT: String(ports.ingress),
    INGRESS_PROBES_PORT: String(ports[member]),
    ROUTER_PROBES_PORT: String(ports[member]),
    OUTBOUND_PROBES_PORT: String(ports[member]),
  });
  const fleet = createFleet({ envOf, probesPortOf: (member) => ports[member], logFolder, ...options });

  return {
    prefix,
    broker,
    kafkaProxy,
    botProxy,
    connections,
    topics,
    channelTopics: [topics.names.channelMessages, supportTopic],
    fleet,
    logFolder,
    simulator: createSimulatorClient(ports.simulator),
    /** Ends what is left; more than once, too. */
    async close(): Promise<void> {
      await fleet.close();
      await topics.close();
      await Promise.all([kafkaProxy.close(), botProxy.close()]);
      await broker.stop();
      broker.remove();
      files.remove();
    },
  };
}

async function choosePorts() {
  const names = [
    'kafkaInternal',
    'kafkaProxy',
    'botProxy',
    'simulator',
    'ingress',
    'simulator-1',
    ...members,
    ...guests,
  ] as const;
  const free = await freePorts(names.length);
  const named = Object.fromEntries(names.map((name, index) => [name, free[index]])) as Record<
    (typeof names)[number],
    number
  >;
  return { ...named, kafka: await freePortPair(free) };
}
