import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ToolError } from './tool-error.ts';

const run = promisify(execFile);
export const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java';

export type JavaBroker = {
  /** Which of several it is; the first is also the controller. One that is alone when absent. */
  cluster?: { id: string; nodeId: number; size: number };
  dataDir: string;
  jars: string;
  port: number;
  controllerPort: number;
  heap: string;
  /** Up soon, or quick once it is warm. */
  jvm: 'starts-fast' | 'runs-fast';
  behindProxy: BehindProxy | undefined;
  /** More lines of server.properties. Of what is said twice the last one holds. */
  settings?: string | undefined;
};

/** A broker whose clients come through a proxy, while what it says to itself, and whoever wants to, goes past it. */
export type BehindProxy = {
  /** Of 127.0.0.1, told to the clients in place of the broker's own port. */
  proxyPort: number;
  /** A second port of the broker, which tells of itself. */
  internalPort: number;
};

/** Writes the settings, formats the storage of a new data folder, and says which command is the broker. */
export async function prepareJavaBroker(broker: JavaBroker): Promise<string[]> {
  const settings = join(broker.dataDir, 'server.properties');
  const logging = join(broker.dataDir, 'log4j2.properties');
  writeFileSync(settings, serverProperties(broker));
  writeFileSync(logging, loggingProperties);
  if (!existsSync(join(broker.dataDir, 'records', 'meta.properties'))) await formatStorage(broker, settings);
  const options = [...jvmOptions(broker), '-Djava.awt.headless=true', `-Dlog4j2.configurationFile=${logging}`];
  return [java, ...options, '-cp', join(broker.jars, '*'), 'kafka.Kafka', settings];
}

/** What `runs-fast` has is what Kafka's own start script gives a broker. */
const jvmOptions = ({ jvm, heap }: JavaBroker): string[] =>
  jvm === 'starts-fast'
    ? ['-Xms128m', `-Xmx${heap}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    : [
        `-Xms${heap}`,
        `-Xmx${heap}`,
        '-XX:+UseG1GC',
        '-XX:MaxGCPauseMillis=20',
        '-XX:InitiatingHeapOccupancyPercent=35',
      ];

async function formatStorage({ jars, cluster }: JavaBroker, settings: string): Promise<void> {
  const tool = ['-XX:TieredStopAtLevel=1', '-cp', join(jars, '*'), 'kafka.tools.StorageTool'];
  try {
    await run(java, [...tool, 'format', '--cluster-id', cluster?.id ?? newClusterId(), '--config', settings]);
  } catch (error) {
    throw new ToolError(`Kafka's storage could not be formatted: ${(error as Error).message}`);
  }
}

/** Kafka's form of a UUID: 16 bytes in base64url, not starting with a dash. */
export const newClusterId = () => `k${randomBytes(16).toString('base64url').slice(1)}`;

/** Transaction markers go from the broker to itself, by the listener for brokers. */
function listeners(broker: JavaBroker): string {
  const { port, controllerPort, behindProxy } = broker;
  const controller = isController(broker) ? [`CONTROLLER://127.0.0.1:${controllerPort}`] : [];
  const internal = behindProxy ? [`INTERNAL://127.0.0.1:${behindProxy.internalPort}`] : [];
  const own = [`PLAINTEXT://127.0.0.1:${port}`, ...internal, ...controller];
  const advertised = [`PLAINTEXT://127.0.0.1:${behindProxy?.proxyPort ?? port}`, ...internal];
  return `listeners=${own.join(',')}
advertised.listeners=${advertised.join(',')}
inter.broker.listener.name=${behindProxy ? 'INTERNAL' : 'PLAINTEXT'}`;
}

const isController = ({ cluster }: JavaBroker) => (cluster?.nodeId ?? 1) === 1;

const serverProperties = (broker: JavaBroker) => `process.roles=${isController(broker) ? 'broker,controller' : 'broker'}
node.id=${broker.cluster?.nodeId ?? 1}
controller.quorum.voters=1@127.0.0.1:${broker.controllerPort}
${listeners(broker)}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT
log.dirs=${join(broker.dataDir, 'records')}
num.network.threads=2
num.io.threads=4
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
message.max.bytes=6291456
replica.fetch.max.bytes=6291456
offsets.topic.replication.factor=${broker.cluster?.size ?? 1}
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=${broker.cluster?.size ?? 1}
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=${broker.cluster?.size ?? 1}
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
${broker.settings ?? ''}
`;

/** Warnings; and, which Kafka holds for information only, that it did not write the end of a transaction. */
const loggingProperties = `status=error
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.c.ref=C
logger.markers.name=kafka.coordinator.transaction.TransactionMarkerChannelManager
logger.markers.level=info
`;
