import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectKafka, createPublisher, createTopics, pause, readTopic } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient } from '@bridge/kafka';
import { recordKey, topicNames, topicTable } from '@bridge/schemas';
import type { BotRequest, SendResult } from '@bridge/schemas';
import { createMetrics, silentLogger } from '@bridge/telemetry';
import { testKafka } from '@bridge/tools/local-kafka';
import { afterAll, beforeAll } from 'vitest';
import { createOutbound } from '../create-outbound.ts';
import { createOutboundMetrics } from '../metrics.ts';
import { testConfig } from './config.ts';
import { testConnection } from './connection.ts';

type Respond = (body: BotRequest) => Promise<number> | number;

const soon = () => new Date(Date.now() + 15_000);

/** A real broker for the tests of a file; what it gives starts a world with a bot, and topics of its own. */
export function outboundWorld() {
  let kafka: { brokers: string; stop(): Promise<void> };
  beforeAll(async () => void (kafka = await testKafka()));
  afterAll(() => kafka.stop());

  return async (respond: Respond, { attemptTimeoutMs = 5_000 } = {}) => {
    const prefix = `t-${randomBytes(6).toString('hex')}`;
    const settings = { brokers: kafka.brokers.split(','), topicPrefix: prefix, startupTimeoutMs: 30_000 };
    const client = connectKafka({ settings, clientId: 'test', log: silentLogger });
    await createTopics(client, topicTable(prefix), { replication: 1, minInsync: 1 });
    const topics = topicNames(prefix);
    const bot = await startBot(respond);
    const results: (SendResult & { record: ConsumedRecord })[] = [];
    const onRecord = (record: ConsumedRecord) =>
      results.push({ ...(JSON.parse(record.value ?? '') as SendResult), record });
    const reader = await readTopic({ client, topic: topics.sendResults, from: 'beginning', onRecord });
    const outbound = () => startable(client, bot.url, attemptTimeoutMs);
    return { client, bot, results, outbound, topics, stop: () => reader.stop().then(bot.close) };
  };
}

/** A bot on a real socket; `respond` gives the status of each message. */
async function startBot(respond: Respond) {
  const received: BotRequest[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as BotRequest;
      received.push(body);
      response.writeHead(await respond(body)).end();
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bot`;
  return { url, received, close: () => server.close().closeAllConnections() };
}

function startable(client: KafkaClient, botUrl: string, attemptTimeoutMs: number) {
  const limits = { requestsPerSecond: 10_000, burst: 10_000, concurrency: 100 };
  const [publisher, bot, consumer] = createOutbound({
    client,
    config: testConfig([
      testConnection({ id: 'acme', botUrl, limits }),
      testConnection({ id: 'bad', botUrl, limits: { ...limits, concurrency: 4 } }),
    ]),
    attemptTimeoutMs,
    limits: { maxAttempts: 4, maxAgeMs: 3_600_000 },
    log: silentLogger,
    metrics: createOutboundMetrics(createMetrics('outbound'), 'send-commands'),
    fail: (error) => {
      throw error;
    },
  });
  return {
    start: async () => {
      await publisher.start();
      await consumer.start();
    },
    unfinished: consumer.unfinished,
    stop: async () => {
      for (const part of [consumer, bot, publisher]) await part.stop({ deadline: soon() });
    },
  };
}

export function command(id: number, { connection = 'acme', conversation = String(id % 30), as = `cmd-${id}` } = {}) {
  const message = { kind: 'text', text: String(id) };
  const value = { id: as, connection, conversation: { id: conversation }, contact: { id: 'cliente-77' }, message };
  const key = recordKey({ connection, conversationId: conversation });
  return { key, value: JSON.stringify(value), headers: {} };
}

/** Without `partition`, the keys decide. */
export async function produce(
  client: KafkaClient,
  topic: string,
  commands: ReturnType<typeof command>[],
  partition?: number,
): Promise<void> {
  const publisher = createPublisher({ client });
  const place = { topic, ...(partition !== undefined && { partition }) };
  await publisher.publish(commands.map((one) => ({ ...place, ...one })));
  await publisher.stop({ deadline: soon() });
}

export async function until(condition: () => boolean, withinMs = 60_000): Promise<void> {
  for (const end = Date.now() + withinMs; !condition(); await pause(20)) {
    if (Date.now() > end) throw new Error('waited too long');
  }
}

export const upTo = (count: number) => [...Array(count).keys()];
