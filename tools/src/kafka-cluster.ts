import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrokerProcess } from './broker-process.ts';
import type { BrokerProcess } from './broker-process.ts';
import { newClusterId, prepareJavaBroker } from './java-broker.ts';
import { kafkaJars } from './kafka-jars.ts';
import type { LocalKafka } from './local-kafka.ts';
import { freePorts } from './ports.ts';

/** A broker of a cluster; broker 1 is also the controller. */
export type ClusterNode = BrokerProcess & { nodeId: number; address: string };

/**
 * Starts several Apache Kafka brokers on 127.0.0.1 as one cluster, for tests of what only several show. Only where
 * `canRunByJava`. They end when this process does, even by kill -9.
 */
export async function startKafkaCluster(size: number): Promise<LocalKafka & { nodes: ClusterNode[] }> {
  const jars = await kafkaJars(() => {});
  const [controllerPort = 0, ...ports] = await freePorts(size + 1);
  const id = newClusterId();

  async function startNode(port: number, nodeId: number): Promise<ClusterNode> {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-kafka-'));
    const place = { dataDir: folder, jars, port, controllerPort, heap: '384m', behindProxy: undefined };
    const jvm = 'starts-fast';
    const command = await prepareJavaBroker({ ...place, jvm, cluster: { id, nodeId, size } });
    const address = `127.0.0.1:${port}`;
    const broker = await startBrokerProcess({ command, address, folder, temporary: true });
    return { ...broker, nodeId, address };
  }

  const started = await Promise.allSettled(ports.map((port, index) => startNode(port, index + 1)));
  const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async () => {
    // The controller last: without it the others wait for it.
    for (const node of nodes.toReversed()) await node.stop();
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { brokers: nodes.map(({ address }) => address).join(','), nodes, stop };
}
