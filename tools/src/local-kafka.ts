import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningBroker } from './broker-pid.ts';
import { startBrokerProcess } from './broker-process.ts';
import { composeBroker, removeComposeBroker } from './compose-broker.ts';
import { prepareJavaBroker } from './java-broker.ts';
import type { BehindProxy } from './java-broker.ts';
import { kafkaJars, kafkaVersion } from './kafka-jars.ts';
import { chooseKafkaWay } from './kafka-way.ts';
import { freePorts, portIsBusy } from './ports.ts';
import { ToolError } from './tool-error.ts';

export { kafkaVersion };

export type LocalKafka = { brokers: string; stop(): Promise<void> };

/** One that was started here; `processGroup` takes signals (`kill -STOP -<group>`). */
export type StartedKafka = LocalKafka & { processGroup: number };

export type LocalKafkaOptions = {
  /** Of 127.0.0.1; the controller takes the next one. Free ports when absent. */
  port?: number;
  /** Kept. A temporary folder, removed at the end, when absent. */
  dataDir?: string;
  /** Only where `canRunByJava`. */
  behindProxy?: BehindProxy;
  /** More lines of server.properties. Only where `canRunByJava`. */
  settings?: string;
  /** Takes longer to start, more memory, and less of the processor for each record: to measure with. Docker's always does. */
  runsFast?: boolean;
  onProgress?: (line: string) => void;
  /** Gives the start up. */
  signal?: AbortSignal;
};

type Place = {
  port: number;
  controllerPort: number;
  folder: string;
  temporary: boolean;
  behindProxy: BehindProxy | undefined;
  settings: string | undefined;
  runsFast: boolean;
};

const portTaken = 'Address already in use';

/**
 * The Kafka for a test: the one named by `KAFKA_BROKERS` (then `stop` does nothing), else one of its own. Tests share it,
 * each with topics of its own prefix.
 */
export async function testKafka(onProgress?: (line: string) => void): Promise<LocalKafka> {
  const given = process.env['KAFKA_BROKERS'];
  return given ? { brokers: given, stop: async () => {} } : startLocalKafka(onProgress ? { onProgress } : {});
}

/** Whether there is Java, and Maven or its jars. Without, there is neither `behindProxy` nor a cluster. */
export async function canRunByJava(): Promise<boolean> {
  return (await chooseKafkaWay().catch(() => 'none')) === 'java';
}

/**
 * Starts one Apache Kafka node on 127.0.0.1, by Java and Maven or else by Docker, and waits until it answers. It ends when
 * this process does, even by kill -9.
 * @throws {ToolError} when a port is busy, no way to run it is open, or it does not come up; the message says what to do
 */
export async function startLocalKafka(options: LocalKafkaOptions = {}): Promise<StartedKafka> {
  for (let attempt = 1; ; attempt += 1) {
    const place = await choosePlace(options);
    try {
      return await startAt(place, options);
    } catch (error) {
      if (place.temporary) rmSync(place.folder, { recursive: true, force: true });
      // A free port can be taken by another process before the broker has it.
      if (options.port !== undefined || attempt === 3 || !String(error).includes(portTaken)) throw error;
    }
  }
}

async function choosePlace(options: LocalKafkaOptions): Promise<Place> {
  const { port: wanted, dataDir, behindProxy, settings, runsFast = false } = options;
  const [port = 0, controllerPort = 0] = wanted === undefined ? await freePorts(2) : [wanted, wanted + 1];
  for (const each of wanted === undefined ? [] : [port, controllerPort]) {
    if (await portIsBusy(each)) throw busyKafkaPort(each);
  }
  const other = dataDir === undefined ? undefined : runningBroker(dataDir);
  if (other !== undefined)
    throw new ToolError(`The local Kafka of ${dataDir} runs already (process ${other}): stop it first.`);
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'bridge-kafka-'));
  mkdirSync(folder, { recursive: true });
  return { port, controllerPort, folder, temporary: dataDir === undefined, behindProxy, settings, runsFast };
}

const busyKafkaPort = (port: number) =>
  new ToolError(
    `Port ${port} is busy, and the local Kafka needs it. Stop what listens there (lsof -i :${port} shows it), ` +
      `or, if that is a Kafka to be used, say so: KAFKA_BROKERS=127.0.0.1:${port}`,
  );

async function startAt(place: Place, { onProgress = () => {}, signal }: LocalKafkaOptions): Promise<StartedKafka> {
  const { port, folder, temporary } = place;
  const brokers = `127.0.0.1:${port}`;
  const way = await chooseKafkaWay();
  if ((place.behindProxy ?? place.settings) !== undefined && way !== 'java')
    throw new ToolError('A Kafka behind a proxy, or with settings of its own, needs Java 17 or newer, and Maven.');
  const command = way === 'java' ? await javaCommand(place, onProgress) : composeBroker(place);

  signal?.throwIfAborted();
  onProgress(`Starting Apache Kafka ${kafkaVersion} at ${brokers}…`);
  const removeContainer = async () => {
    if (way === 'docker' && temporary) await removeComposeBroker(place);
  };
  try {
    const broker = await startBrokerProcess({ command, address: brokers, folder, temporary, signal });
    const stop = async () => {
      await broker.stop();
      await removeContainer();
    };
    return { brokers, stop, processGroup: broker.processGroup };
  } catch (error) {
    await removeContainer();
    throw error;
  }
}

async function javaCommand(place: Place, onProgress: (line: string) => void): Promise<string[]> {
  const jars = await kafkaJars(onProgress);
  const { port, controllerPort, folder, temporary, behindProxy, settings } = place;
  const heap = temporary && !place.runsFast ? '512m' : '1g';
  const jvm = place.runsFast ? 'runs-fast' : 'starts-fast';
  return prepareJavaBroker({ dataDir: folder, jars, port, controllerPort, heap, jvm, behindProxy, settings });
}
