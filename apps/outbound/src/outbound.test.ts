import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectKafka, createPublisher, createTopics, pause, readTopic } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient } from '@bridge/kafka';
import { recordKey, topicNames, topicTable } from '@bridge/schemas';
import type { BotRequest, SendResult } from '@bridge/schemas';
import { createMetrics, silentLogger } from '@bridge/telemetry';
import { testKafka } from '@bridge/tools/local-kafka';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createOutbound } from './create-outbound.ts';
import { createOutboundMetrics } from './metrics.ts';
import { testConfig } from './testing/config.ts';
import { testConnection } from './testing/connection.ts';

vi.setConfig({ testTimeout: 120_000 });
let kafka: { brokers: string; stop(): Promise<void> };
beforeAll(async () => void (kafka = await testKafka()));
afterAll(() => kafka.stop());
const soon = () => new Date(Date.now() + 15_000);

/** A bot on a real socket; `respond` gives the status of each message. */
async function startBot(respond: (body: BotRequest) => Promise<number> | number) {
  const received: BotRequest[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as BotRequest;
      received.push(body);
      response.writeHead(await respond(body)).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bot`;
  return { url, received, close: () => server.closeAllConnections() };
}

async function startWorld(respond: (body: BotRequest) => Promise<number> | number) {
  const prefix = `t-${randomBytes(6).toString('hex')}`;
  const settings = { brokers: kafka.brokers.split(','), topicPrefix: prefix, startupTimeoutMs: 30_000 };
  const client = connectKafka({ settings, clientId: 'test', log: silentLogger });
  await createTopics(client, topicTable(prefix), { replication: 1, minInsync: 1 });
  const bot = await startBot(respond);
  const results: (SendResult & { record: ConsumedRecord })[] = [];
  const onRecord = (record: ConsumedRecord) =>
    results.push({ ...(JSON.parse(record.value ?? '') as SendResult), record });
  const reader = await readTopic({ client, topic: topicNames(prefix).sendResults, from: 'beginning', onRecord });
  const outbound = () => member(client, bot.url);
  return { client, bot, results, outbound, topics: topicNames(prefix), stop: () => reader.stop().then(bot.close) };
}

function member(client: KafkaClient, botUrl: string) {
  const limits = { requestsPerSecond: 10_000, burst: 10_000, concurrency: 100 };
  const parts = createOutbound({
    client,
    config: testConfig([
      testConnection({ id: 'acme', botUrl, limits }),
      testConnection({ id: 'bad', botUrl, limits: { ...limits, concurrency: 4 } }),
    ]),
    attemptTimeoutMs: 5_000,
    limits: { maxAttempts: 4, maxAgeMs: 3_600_000 },
    log: silentLogger,
    metrics: createOutboundMetrics(createMetrics('outbound')),
    fail: (error) => {
      throw error;
    },
  });
  return {
    start: async () => {
      for (const part of parts) if ('start' in part) await part.start();
    },
    stop: async () => {
      for (const part of parts.toReversed()) await part.stop({ deadline: soon() });
    },
  };
}

function command(id: number, { connection = 'acme', conversation = String(id % 30), as = `cmd-${id}` } = {}) {
  const message = { kind: 'text', text: String(id) };
  const value = { id: as, connection, conversation: { id: conversation }, contact: { id: 'cliente-77' }, message };
  const key = recordKey({ connection, conversationId: conversation });
  return { key, value: JSON.stringify(value), headers: {} };
}

async function produce(client: KafkaClient, topic: string, commands: ReturnType<typeof command>[]): Promise<void> {
  const publisher = createPublisher({ client });
  await publisher.publish(commands.map((one) => ({ topic, ...one })));
  await publisher.stop({ deadline: soon() });
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !condition(); await pause(20)) {
    if (Date.now() > end) throw new Error('waited too long');
  }
}

const contentsOf = (received: BotRequest[]) => received.map(({ content }) => Number(content));
const upTo = (count: number) => [...Array(count).keys()];

test('members that come and go, and orderly stops, repeat nothing at the bot and keep the order', async () => {
  const world = await startWorld(async () => {
    await pause(10 + Math.random() * 40);
    return 200;
  });
  const [first, second, third] = [world.outbound(), world.outbound(), world.outbound()];
  await first.start();
  let produced = 0;
  const flow = new AbortController();
  const producing = (async () => {
    for (; !flow.signal.aborted; await pause(50)) {
      const some = Array.from({ length: 10 }, (_, index) => command(produced + index));
      await produce(world.client, world.topics.sendCommands, some);
      produced += some.length;
    }
  })();
  await until(() => world.bot.received.length > 50);
  await second.start();
  await pause(4_000);
  await first.stop();
  await third.start();
  await pause(4_000);
  await second.stop();
  flow.abort();
  await producing;
  await until(() => world.results.length >= produced);
  await pause(500);
  await third.stop();
  await world.stop();

  expect(contentsOf(world.bot.received).toSorted((a, b) => a - b)).toEqual(upTo(produced));
  expect(world.results).toHaveLength(produced);
  expect(new Set(world.results.map(({ outcome }) => outcome))).toEqual(new Set(['sent']));
  for (let conversation = 0; conversation < 30; conversation += 1) {
    const contents = contentsOf(world.bot.received.filter((one) => one.conversation_id === conversation));
    expect(contents).toEqual(contents.toSorted((a, b) => a - b));
  }
});

test('a repeated command id is a duplicate, also after a restart, and only in its conversation', async () => {
  const world = await startWorld(() => 200);
  const first = world.outbound();
  await first.start();
  await produce(world.client, world.topics.sendCommands, [command(1), command(2, { conversation: '1', as: 'cmd-1' })]);
  await until(() => world.results.length >= 2);
  await first.stop();
  const second = world.outbound();
  await second.start();
  await produce(world.client, world.topics.sendCommands, [
    command(3, { conversation: '1', as: 'cmd-1' }),
    command(4, { conversation: '2', as: 'cmd-1' }),
  ]);
  await until(() => world.results.length >= 4);
  await second.stop();
  await world.stop();
  expect(contentsOf(world.bot.received).toSorted((a, b) => a - b)).toEqual([1, 4]);
  const outcomes = world.results.map(({ conversation, outcome }) => `${conversation?.id}: ${outcome}`);
  expect(outcomes.toSorted()).toEqual(['1: duplicate', '1: duplicate', '1: sent', '2: sent']);
});

test('a connection that only fails holds up no other; its commands wait for its breaker', async () => {
  const world = await startWorld((body) =>
    body.sender.id === 'cliente-77' && Number(body.content) >= 1_000 ? 500 : 200,
  );
  const outbound = world.outbound();
  await outbound.start();
  const bad = upTo(60).map((index) => command(1_000 + index, { connection: 'bad' }));
  await produce(world.client, world.topics.sendCommands, bad);
  await until(() => world.bot.received.length >= 10);
  await produce(
    world.client,
    world.topics.sendCommands,
    upTo(300).map((index) => command(index)),
  );
  await until(() => world.results.filter(({ outcome }) => outcome === 'sent').length >= 300);
  const callsOfBad = contentsOf(world.bot.received).filter((content) => content >= 1_000).length;
  await outbound.stop();
  await world.stop();
  // Open after ten failures: what was under way then may still have come. Without a breaker there were three times as many.
  expect(callsOfBad).toBeLessThan(20);
  expect(world.results.filter(({ connection }) => connection === 'acme')).toHaveLength(300);
});

test('each result lies in the partition of its command and names its offset', async () => {
  const world = await startWorld(() => 200);
  const commands: ConsumedRecord[] = [];
  const topic = world.topics.sendCommands;
  const reader = await readTopic({
    client: world.client,
    topic,
    from: 'beginning',
    onRecord: (one) => commands.push(one),
  });
  const outbound = world.outbound();
  await outbound.start();
  await produce(
    world.client,
    topic,
    upTo(40).map((index) => command(index)),
  );
  await until(() => world.results.length >= 40 && commands.length >= 40);
  await Promise.all([outbound.stop(), reader.stop()]);
  await world.stop();
  const placeOf = (partition: number, offset: string | undefined) => `${partition}@${offset}`;
  expect(
    world.results.map(({ record }) => placeOf(record.partition, record.headers['x-command-offset'])).toSorted(),
  ).toEqual(commands.map(({ partition, offset }) => placeOf(partition, offset)).toSorted());
  for (const { record } of world.results)
    expect(record.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});
