import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, untilReady } from '@bridge/tools/app-process';
import { testKafka } from '@bridge/tools/local-kafka';
import { freePorts } from '@bridge/tools/ports';
import { connectionOf, createBridgeFolder } from '../world/bridge-folder.ts';
import { openTopics } from '../world/topics.ts';

export type HostileWorld = Awaited<ReturnType<typeof startHostileWorld>>;

export const bodyLimitBytes = 1_048_576;

/** An ingress as in production on a real Kafka, with a connection for the good webhooks and one for the others. */
export async function startHostileWorld(print: (line: string) => void) {
  const kafka = await testKafka(print);
  const prefix = `t-${randomBytes(5).toString('hex')}`;
  const [port = 0, probesPort = 0, simulator = 0] = await freePorts(3);
  const ports = { ingress: port, simulator };
  const good = connectionOf('good', 0, ports);
  const hostile = connectionOf('hostile', 1, ports);
  const given = [good, hostile].map((connection) => ({ connection, options: {} }));
  const files = createBridgeFolder({ connections: given, routing: {}, ports });
  const topics = await openTopics({ brokers: kafka.brokers, prefix, own: [] });
  const logFolder = mkdtempSync(join(tmpdir(), 'bridge-hostile-logs-'));
  const ingress = startApp('ingress', {
    logFile: join(logFolder, 'ingress.log'),
    env: {
      HOST: '127.0.0.1',
      KAFKA_BROKERS: kafka.brokers,
      TOPIC_PREFIX: prefix,
      BRIDGE_CONFIG: files.bridgeFile,
      INGRESS_PORT: String(port),
      INGRESS_PROBES_PORT: String(probesPort),
      INGRESS_BODY_LIMIT_BYTES: String(bodyLimitBytes),
      // As V8 chooses it by itself in the 512 MiB that k8s/ gives an ingress.
      NODE_OPTIONS: '--max-old-space-size=256',
      // A busy machine may take longer than the two seconds after which a sender is told to come again.
      INGRESS_PUBLISH_TIMEOUT_MS: '30000',
    },
  });

  async function metric(name: string): Promise<number> {
    const page = await (await fetch(`http://127.0.0.1:${probesPort}/metrics`)).text();
    const line = page.split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.split(' ')[1] ?? Number.NaN);
  }

  /** Ends all, and the logs too unless they are to be kept. */
  async function close({ keepLogs = false } = {}): Promise<void> {
    await (ingress.isRunning() ? ingress.terminate() : ingress.ended);
    await topics.close();
    files.remove();
    await kafka.stop();
    if (keepLogs) print(`The log of ingress is in ${logFolder}`);
    else rmSync(logFolder, { recursive: true, force: true });
  }

  try {
    await untilReady(ingress, probesPort);
  } catch (error) {
    await close();
    throw error;
  }
  return { port, good, hostile, topics, ingress, metric, close };
}
