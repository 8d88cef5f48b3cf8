import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endOfLog, startApp, untilReady } from '@bridge/tools/app-process';
import type { AppName, AppProcess, Ending } from '@bridge/tools/app-process';
import { testKafka } from '@bridge/tools/local-kafka';
import type { LocalKafka } from '@bridge/tools/local-kafka';
import { namedPorts } from '@bridge/tools/ports';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { connectionOf, createBridgeFolder } from './bridge-folder.ts';
import type { Connection, ConnectionOptions, Routing } from './bridge-folder.ts';
import { runCli } from './run-cli.ts';
import type { CliRun } from './run-cli.ts';
import { createSimulatorClient } from './simulator-client.ts';
import type { SimulatorClient } from './simulator-client.ts';
import { openTopics } from './topics.ts';
import type { Topics } from './topics.ts';

export type JourneyOptions = {
  /** By id; `{}` is a usual one. */
  connections: Record<string, ConnectionOptions>;
  routing?: Routing;
  /** All four unless told. */
  apps?: AppName[];
  /** The Kafka, one that tests share unless told; it may have more environment for an app. */
  kafka?: (prefix: string) => Promise<JourneyKafka>;
  /** More environment for single apps. */
  env?: Partial<Record<AppName, Record<string, string>>>;
};

type JourneyKafka = LocalKafka & { envOf?: (name: AppName) => Record<string, string> };

/** The world of one test file: real processes on a real Kafka, with topics, ports and files of its own. */
export type Journey = {
  prefix: string;
  /** The Kafka that its processes have, unless they are told otherwise. */
  brokers(): string;
  topics: Topics;
  simulator: SimulatorClient;
  connection(id: string): Connection;
  /** The name of a channel's own topic, from the name in the options. */
  ownTopic(name: string): string;
  app(name: AppName): AppProcess;
  /** Starts an app, again, and waits until it is ready. */
  start(name: AppName): Promise<AppProcess>;
  /** Starts an app that will not come far, with these changes to its environment, and waits for its end. */
  runToItsEnd(name: AppName, env: Record<string, string>): Promise<Ending & { output: string }>;
  /** Where an app's probes and metrics are. */
  probes(name: AppName): string;
  bridge(...args: string[]): Promise<CliRun>;
  /** A file beside bridge.yaml. */
  file(name: string): string;
};

const portNames = ['simulator', 'simulatorProbes', 'ingress', 'ingressProbes', 'router', 'outbound'] as const;
type Ports = Record<(typeof portNames)[number], number>;

const everyApp: AppName[] = ['simulator', 'ingress', 'router', 'outbound'];

/** Builds the world before the tests of a file and takes it down after them. On a failed test the apps' logs are shown. */
export function journey(options: JourneyOptions): Journey {
  const { apps: wanted = everyApp, routing = {} } = options;
  const prefix = `t-${randomBytes(5).toString('hex')}`;
  const ownTopic = (name: string) => `${prefix}.${name}`;
  const brokers = () => kafkaBrokers;
  const world = { prefix, brokers, ownTopic, app, start, runToItsEnd, probes, connection, bridge, file } as Journey;
  const apps = new Map<AppName, AppProcess>();
  const wereReady = new Set<AppProcess>();
  const strays = new Set<AppProcess>();
  const cleanups: (() => unknown)[] = [];
  let ports: Ports;
  let kafka: JourneyKafka;
  let kafkaBrokers = '';
  let files: ReturnType<typeof createBridgeFolder>;
  let connections: Connection[] = [];

  beforeAll(async () => {
    kafka = await (options.kafka?.(prefix) ?? testKafka());
    cleanups.push(kafka.stop);
    kafkaBrokers = kafka.brokers;
    ports = await namedPorts(portNames);
    connections = Object.keys(options.connections).map((id, index) => connectionOf(id, index, ports));
    const named = withOwnTopics(routing, ownTopic);
    const given = connections.map((each) => ({ connection: each, options: options.connections[each.id] ?? {} }));
    files = createBridgeFolder({ connections: given, routing: named, ports });
    cleanups.push(files.remove);
    const own = Object.values(named.channels ?? {}).flatMap(({ topic }) => topic ?? []);
    world.topics = await openTopics({ brokers: kafkaBrokers, prefix, own });
    cleanups.push(world.topics.close);
    world.simulator = createSimulatorClient(ports.simulator);
    await Promise.all(wanted.map(start));
  });

  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      for (const each of apps.values()) console.error(`--- ${each.name}. ${endOfLog(each, 25)}`);
    });
  });

  afterAll(async () => {
    for (const stray of strays) stray.kill();
    const endings = await Promise.all([...apps.values()].map(async (each) => ({ each, ending: await end(each) })));
    for (const cleanup of cleanups.toReversed()) await cleanup();
    for (const { each, ending } of endings) {
      const failed = wereReady.has(each) && ending.code !== 0;
      if (failed) throw new Error(`${each.name} ended with ${JSON.stringify(ending)}. ${endOfLog(each, 25)}`);
    }
  });

  const end = (each: AppProcess) => (each.isRunning() ? each.terminate() : each.ended);

  function app(name: AppName): AppProcess {
    const running = apps.get(name);
    if (!running) throw new Error(`${name} was not started`);
    return running;
  }

  async function start(name: AppName): Promise<AppProcess> {
    const started = startApp(name, { env: envOf(name), logFile: file(`${name}.log`) });
    apps.set(name, started);
    await untilReady(started, probesPort(name));
    wereReady.add(started);
    return started;
  }

  async function runToItsEnd(name: AppName, env: Record<string, string>): Promise<Ending & { output: string }> {
    const started = startApp(name, { env: { ...envOf(name), ...env }, logFile: file(`${name}-to-its-end.log`) });
    strays.add(started);
    const ending = await started.ended;
    strays.delete(started);
    return { ...ending, output: readFileSync(started.logFile, 'utf8') };
  }

  const probesPort = (name: AppName) =>
    ({
      simulator: ports.simulatorProbes,
      ingress: ports.ingressProbes,
      router: ports.router,
      outbound: ports.outbound,
    })[name];

  function probes(name: AppName): string {
    return `http://127.0.0.1:${probesPort(name)}`;
  }

  function envOf(name: AppName): Record<string, string> {
    return {
      HOST: '127.0.0.1',
      // Of all that it could print nothing may be private.
      LOG_LEVEL: 'debug',
      KAFKA_BROKERS: kafkaBrokers,
      TOPIC_PREFIX: prefix,
      BRIDGE_CONFIG: files.bridgeFile,
      SIMULATOR_WORKSPACES: files.workspacesFile,
      SIMULATOR_PORT: String(ports.simulator),
      SIMULATOR_PROBES_PORT: String(ports.simulatorProbes),
      INGRESS_PORT: String(ports.ingress),
      INGRESS_PROBES_PORT: String(ports.ingressProbes),
      // A busy machine may take longer than the two seconds after which a sender is told to come again.
      INGRESS_PUBLISH_TIMEOUT_MS: '30000',
      ROUTER_PROBES_PORT: String(ports.router),
      OUTBOUND_PROBES_PORT: String(ports.outbound),
      ...kafka.envOf?.(name),
      ...options.env?.[name],
    };
  }

  function connection(id: string): Connection {
    const found = connections.find((each) => each.id === id);
    if (!found) throw new Error(`the journey has no connection ${id}`);
    return found;
  }

  function file(name: string): string {
    return join(files.folder, name);
  }

  function bridge(...args: string[]): Promise<CliRun> {
    return runCli(args, {
      KAFKA_BROKERS: kafkaBrokers,
      TOPIC_PREFIX: prefix,
      BRIDGE_CONFIG: files.bridgeFile,
      KAFKA_STARTUP_TIMEOUT_MS: '60000',
    });
  }

  return world;
}

/** Topics are shared by all test files: a channel's own gets this journey's prefix. */
function withOwnTopics(routing: Routing, ownTopic: (name: string) => string): Routing {
  const channels = Object.entries(routing.channels ?? {}).map(([id, channel]) => [
    id,
    channel.topic === undefined ? channel : { ...channel, topic: ownTopic(channel.topic) },
  ]);
  return { ...routing, channels: Object.fromEntries(channels) };
}
