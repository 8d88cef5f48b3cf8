import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startApp, untilReady } from '@bridge/tools/app-process';
import { freePorts } from '@bridge/tools/ports';
import type { Connection } from '../world/bridge-folder.ts';
import { connectionOf, createBridgeFolder } from '../world/bridge-folder.ts';
import { createSimulatorClient } from '../world/simulator-client.ts';
import { openTopics } from '../world/topics.ts';
import type { Badness } from './options.ts';

export const connectionIds = Array.from({ length: 20 }, (_, index) => `company-${index + 1}`);

/** In every world the same connection is, or would be, the bad one. */
export const badConnection = 'company-1';

const faults = {
  '500': { kind: 'status', status: 500 },
  hang: { kind: 'hang' },
  slow: { kind: 'latency', latencyMs: 5_000 },
} satisfies Record<Badness, object>;
const wellBehaved = { kind: 'latency', latencyMs: 5 };

export type IsolationWorld = Awaited<ReturnType<typeof startWorld>>;

/** Twenty bots that answer in 5 ms and the one outbound that calls them, on a Kafka that others may share. They log to `logFolder`. */
export async function startWorld({ brokers, logFolder }: { brokers: string; logFolder: string }) {
  const prefix = `t-${randomBytes(5).toString('hex')}`;
  const [simulatorPort = 0, simulatorProbes = 0, outboundProbes = 0, ingress = 0] = await freePorts(4);
  const ports = { simulator: simulatorPort, ingress };
  const connections = connectionIds.map((id, index) => connectionOf(id, index, ports)) as [Connection, ...Connection[]];
  const options = { workspace: { botAnswers: false } };
  const files = createBridgeFolder({
    connections: connections.map((connection) => ({ connection, options })),
    routing: {},
    ports,
  });
  const topics = await openTopics({ brokers, prefix, own: [] });
  const env = {
    HOST: '127.0.0.1',
    KAFKA_BROKERS: brokers,
    TOPIC_PREFIX: prefix,
    BRIDGE_CONFIG: files.bridgeFile,
    SIMULATOR_WORKSPACES: files.workspacesFile,
    SIMULATOR_PORT: String(simulatorPort),
    SIMULATOR_PROBES_PORT: String(simulatorProbes),
    OUTBOUND_PROBES_PORT: String(outboundProbes),
  };
  const simulator = createSimulatorClient(simulatorPort);
  const start = (name: 'simulator' | 'outbound') => startApp(name, { env, logFile: join(logFolder, `${name}.log`) });
  const apps = [start('simulator'), start('outbound')] as const;

  async function behave(id: string, fault: object): Promise<void> {
    const workspace = connections.find((one) => one.id === id)?.workspace ?? '';
    await simulator.clearFaults(workspace);
    await simulator.addFault(workspace, { target: 'bot-url', times: null, ...fault });
  }
  async function close(): Promise<void> {
    await Promise.all(apps.map((app) => (app.isRunning() ? app.terminate() : app.ended)));
    await topics.close();
    files.remove();
  }
  try {
    await Promise.all([untilReady(apps[0], simulatorProbes), untilReady(apps[1], outboundProbes)]);
    await Promise.all(connectionIds.map((id) => behave(id, wellBehaved)));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    prefix,
    connections,
    topics,
    simulator,
    metricsUrl: `http://127.0.0.1:${outboundProbes}/metrics`,
    turnBad: (badness: Badness) => behave(badConnection, faults[badness]),
    heal: () => behave(badConnection, wellBehaved),
    close,
  };
}
