import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionOf, createBridgeFolder } from '../world/bridge-folder.ts';
import type { Connection } from '../world/bridge-folder.ts';
import { createSimulatorClient } from '../world/simulator-client.ts';
import { openTopics } from '../world/topics.ts';
import { createFleet } from './fleet.ts';
import type { FleetMember, FleetOptions } from './fleet.ts';

export type BridgeWorld = Awaited<ReturnType<typeof createBridgeWorld>>;

export const connectionCount = 20;
/** Of the connections: their messages go to a topic of their own. */
const supportConnections = 5;

/** Everything of a bridge of many processes, not started yet: topics, a bridge.yaml, and a seat for each process. */
export async function createBridgeWorld(options: {
  /** How the apps reach the broker, and how the harness does. */
  brokers: { apps: string; harness: string };
  ports: {
    simulator: number;
    /** Where webhooks go, and where the bots are, for the other side: what is before the apps, or the apps themselves. */
    front: { ingress: number; simulator: number };
  };
  probesPortOf(member: FleetMember): number;
  /** More environment for a process. */
  envOf(member: FleetMember): Record<string, string>;
  onCrash: FleetOptions['onCrash'];
}) {
  const { brokers, ports, probesPortOf, onCrash } = options;
  const prefix = `t-${randomBytes(5).toString('hex')}`;
  const supportTopic = `${prefix}.support`;
  const connections = Array.from({ length: connectionCount }, (_, index) =>
    connectionOf(`company-${index + 1}`, index, ports.front),
  ) as [Connection, ...Connection[]];
  const files = createBridgeFolder({
    connections: connections.map((connection) => ({ connection, options: { workspace: { botAnswers: false } } })),
    routing: {
      channels: { support: { topic: supportTopic } },
      routes: connections
        .slice(0, supportConnections)
        .map(({ id }) => ({ name: `of-${id}`, when: { connection: id }, channel: 'support' })),
      defaultChannel: 'triage',
    },
    ports: { simulator: ports.simulator, ingress: ports.front.ingress },
  });
  const topics = await openTopics({ brokers: brokers.harness, prefix, own: [supportTopic] });
  const logFolder = mkdtempSync(join(tmpdir(), 'bridge-fleet-logs-'));
  const envOf = (member: FleetMember) => ({
    HOST: '127.0.0.1',
    KAFKA_BROKERS: brokers.apps,
    TOPIC_PREFIX: prefix,
    BRIDGE_CONFIG: files.bridgeFile,
    SIMULATOR_WORKSPACES: files.workspacesFile,
    SIMULATOR_PORT: String(ports.simulator),
    [`${member.split('-')[0]?.toUpperCase()}_PROBES_PORT`]: String(probesPortOf(member)),
    ...options.envOf(member),
  });
  const fleet = createFleet({ envOf, probesPortOf, onCrash, logFolder });

  return {
    prefix,
    connections,
    topics,
    channelTopics: [topics.names.channelMessages, supportTopic],
    fleet,
    logFolder,
    simulator: createSimulatorClient(ports.simulator),
    /** Ends what is left; more than once, too. The logs stay. */
    async close(): Promise<void> {
      await fleet.close();
      await topics.close();
      files.remove();
    },
  };
}
