import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectKafka, createTopics, readTopic } from '@bridge/kafka';
import { topicNames, topicTable } from '@bridge/schemas';
import { silentLogger } from '@bridge/telemetry';
import { startLocalKafka } from '@bridge/tools/local-kafka';
import { freePortPair } from '@bridge/tools/ports';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ingressProcesses } from './testing/ingress-process.ts';
import { startWebhookLoad } from './testing/webhook-load.ts';

/** How long the broker is away. */
const outageMs = 5_000;

const topicPrefix = 'outage';
const topic = topicNames(topicPrefix).inboundEvents;
const processes = ingressProcesses();
const spooled = { INGRESS_SPOOL_DIR: join(processes.folder, 'spool') };
let kafka: Awaited<ReturnType<typeof startLocalKafka>>;
let place: { port: number; dataDir: string };

beforeAll(async () => {
  place = { port: await freePortPair(), dataDir: join(processes.folder, 'kafka') };
  mkdirSync(place.dataDir);
  kafka = await startLocalKafka(place);
  await createTopics(client(), topicTable(topicPrefix).slice(0, 1), { replication: 1, minInsync: 1 });
});
afterAll(async () => {
  await kafka?.stop();
  processes.end();
});

function client() {
  const settings = { brokers: [`127.0.0.1:${place.port}`], topicPrefix, startupTimeoutMs: 30_000 };
  return connectKafka({ settings, clientId: 'ingress-test', log: silentLogger });
}

async function startIngress(env: Record<string, string>) {
  const ingress = processes.start({ KAFKA_BROKERS: `127.0.0.1:${place.port}`, TOPIC_PREFIX: topicPrefix, ...env });
  return { ...ingress, ...(await ingress.urls()) };
}

/** Every event of the topic once, in the order in which the first copy of each came. */
async function readEvents(isAll: (texts: Set<string>) => boolean) {
  const events = new Map<string, { conversation: number; place: number }>();
  const texts = new Set<string>();
  const reader = await readTopic({
    client: client(),
    topic,
    from: 'beginning',
    onRecord: ({ headers, value }) => {
      const { raw } = JSON.parse(value ?? '') as { raw: { content: string; conversation_id: number } };
      const event = { conversation: raw.conversation_id, place: Number(raw.content) };
      texts.add(`${event.conversation}/${event.place}`);
      if (!events.has(headers['ce_id'] ?? '')) events.set(headers['ce_id'] ?? '', event);
    },
  });
  try {
    await vi.waitUntil(() => isAll(texts), { timeout: 30_000, interval: 50 });
  } finally {
    await reader.stop();
  }
  return [...events.values()];
}

const metric = async (probes: string, name: string) => {
  const page = await (await fetch(`${probes}/metrics`)).text();
  return Number(
    page
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
};

test('through an outage of the broker, and kill -9 of ingress in the middle and at its end, every webhook that was answered got 200, and its event is there once and in order', async () => {
  const bare = await startIngress({});
  let ingress = await startIngress(spooled);
  const load = startWebhookLoad(() => ingress.webhooks);
  const killAndStart = async () => {
    ingress.child.kill('SIGKILL');
    await ingress.exit;
    ingress = await startIngress(spooled);
  };
  await pause(1_000);

  await kafka.stop();
  await pause(outageMs / 2);
  const withoutSpool = startWebhookLoad(() => bare.webhooks, { first: 1_000, conversations: 2 });
  expect(await metric(ingress.probes, 'bridge_ingress_spool_records')).toBeGreaterThan(0);
  expect((await fetch(`${ingress.probes}/readyz`)).status).toBe(200);
  await killAndStart();
  await pause(outageMs / 2);
  await withoutSpool.stop();
  const waited = await metric(ingress.probes, 'bridge_ingress_spool_records');
  kafka = await startLocalKafka(place);
  await killAndStart();
  await vi.waitUntil(async () => (await metric(ingress.probes, 'bridge_ingress_spool_records')) === 0, {
    timeout: 60_000,
    interval: 50,
  });
  await pause(500);
  await load.stop();

  const answered = load.sent.filter(({ status }) => status !== undefined);
  expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([200]));
  expect(withoutSpool.sent.map(({ status }) => status)).toContain(503);
  expect(waited).toBeGreaterThan(50);

  const expected = answered.map(({ conversation, place: at }) => `${conversation}/${at}`);
  const events = await readEvents((texts) => expected.every((text) => texts.has(text)));
  // Once each: a conversation's places rise, and none comes again under another id.
  for (const one of new Set(load.sent.map(({ conversation }) => conversation))) {
    const places = events.filter(({ conversation }) => conversation === one).map((event) => event.place);
    expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
  }
}, 240_000);
