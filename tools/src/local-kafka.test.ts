import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { kafkaAnswers } from './kafka-answers.ts';
import { startKafkaCluster } from './kafka-cluster.ts';
import { kafkaVersion } from './kafka-jars.ts';
import { canRunByJava, startLocalKafka, testKafka } from './local-kafka.ts';
import { root } from './paths.ts';
import { freePortPair, freePorts, portIsBusy } from './ports.ts';

const portOf = (brokers: string) => Number(brokers.split(':')[1]);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

/** Metadata, version 0, of no topic in particular: the answer begins with the brokers. */
async function metadata(address: string): Promise<Buffer> {
  const socket = connect(portOf(address), '127.0.0.1');
  socket.write(Buffer.from([0, 0, 0, 14, 0, 3, 0, 0, 0, 0, 0, 7, 0xff, 0xff, 0, 0, 0, 0]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer;
}

/** The port of the first broker. */
async function advertisedPort(address: string): Promise<number> {
  const answer = await metadata(address);
  // length, correlation id, number of brokers, node id; then the host with its length, then the port
  return answer.readInt32BE(18 + answer.readInt16BE(16));
}

const brokersKnownAt = async (address: string) => (await metadata(address)).readInt32BE(8);

const groupLives = (group: number) => {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
};

test('starts a broker that answers, and stops it without leaving a process', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bridge-kafka-test-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const kafka = await startLocalKafka({ dataDir, port: await freePortPair() });
  onTestFinished(() => kafka.stop());
  const group = Number(readFileSync(join(dataDir, 'broker.pid'), 'utf8'));
  expect(await kafkaAnswers(kafka.brokers)).toBe(true);
  expect(groupLives(group)).toBe(true);
  await expect(startLocalKafka({ dataDir, port: await freePortPair() })).rejects.toThrow('runs already');

  await kafka.stop();
  expect(await kafkaAnswers(kafka.brokers)).toBe(false);
  await until(() => !groupLives(group));
  expect(existsSync(join(dataDir, 'broker.pid'))).toBe(false);
  expect(readdirSync(join(dataDir, 'records'))).toContain('meta.properties');
});

test('behind a proxy it sends clients to the proxy, and those of its internal port nowhere else', async () => {
  const [proxyPort = 0, internalPort = 0] = await freePorts(2);
  const kafka = await startLocalKafka({ behindProxy: { proxyPort, internalPort } });
  onTestFinished(() => kafka.stop());
  expect(await advertisedPort(kafka.brokers)).toBe(proxyPort);
  expect(await advertisedPort(`127.0.0.1:${internalPort}`)).toBe(internalPort);
});

test('ends with its parent, even by kill -9, and takes its temporary folder along', async () => {
  const script = `
    const { startLocalKafka } = await import(process.argv[1]);
    console.log((await startLocalKafka()).brokers);
    await new Promise((resolve) => setTimeout(resolve, 600_000));`;
  const place = mkdtempSync(join(tmpdir(), 'bridge-kafka-test-'));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const args = ['--input-type=module', '-e', script, join(import.meta.dirname, 'local-kafka.ts')];
  const parent = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: place },
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const brokers = line.toString().trim();
  expect(await kafkaAnswers(brokers)).toBe(true);
  const group = Number(readFileSync(join(place, readdirSync(place)[0]!, 'broker.pid'), 'utf8'));
  expect(groupLives(group)).toBe(true);

  parent.kill('SIGKILL');
  await until(() => !groupLives(group));
  expect(await portIsBusy(portOf(brokers))).toBe(false);
  expect(readdirSync(place)).toEqual([]);
});

test.skipIf(!(await canRunByJava()))('several brokers know one another, and end together', async () => {
  const cluster = await startKafkaCluster(2);
  onTestFinished(() => cluster.stop());
  for (const { address } of cluster.nodes) await until(async () => (await brokersKnownAt(address)) === 2);
  await cluster.stop();
  for (const { processGroup } of cluster.nodes) await until(() => !groupLives(processGroup));
});

test('names the busy port, and what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  await expect(startLocalKafka({ port })).rejects.toThrow(
    `Port ${port} is busy, and the local Kafka needs it. Stop what listens there (lsof -i :${port} shows it), ` +
      `or, if that is a Kafka to be used, say so: KAFKA_BROKERS=127.0.0.1:${port}`,
  );
});

test('uses the Kafka that KAFKA_BROKERS names, and leaves it running', async () => {
  const before = process.env['KAFKA_BROKERS'];
  onTestFinished(() => {
    if (before === undefined) delete process.env['KAFKA_BROKERS'];
    else process.env['KAFKA_BROKERS'] = before;
  });
  process.env['KAFKA_BROKERS'] = 'kafka.example:9092';
  const kafka = await testKafka();
  expect(kafka.brokers).toBe('kafka.example:9092');
  await kafka.stop();
});

test('an open port that is no Kafka is no answer', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  expect(await kafkaAnswers(`127.0.0.1:${(server.address() as { port: number }).port}`)).toBe(false);
});

test('the compose file runs the same version', () => {
  expect(readFileSync(join(root, 'docker-compose.yml'), 'utf8')).toContain(`image: apache/kafka:${kafkaVersion}\n`);
});
