import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { connectKafka, createPublisher, createTopics, readTopic } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient, Publisher } from '@bridge/kafka';
import { buildWebhookPayload, inboundEventSchema, parseJson, topicTable } from '@bridge/schemas';
import type { InboundEvent } from '@bridge/schemas';
import { defaultScheme } from '@bridge/signature';
import { silentLogger } from '@bridge/telemetry';
import { testKafka } from '@bridge/tools/local-kafka';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createBrokerProxy } from './testing/broker-proxy.ts';
import { currentKey, signed, testConnection } from './testing/test-connection.ts';
import { startIngress } from './testing/test-ingress.ts';

let kafka: Awaited<ReturnType<typeof testKafka>>;
beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(() => kafka?.stop());

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function clientAt(brokers: string, topicPrefix: string): KafkaClient {
  const settings = { brokers: [brokers], topicPrefix, startupTimeoutMs: 30_000 };
  return connectKafka({ settings, clientId: 'ingress-test', log: silentLogger });
}

/** A topic of its own. One partition: what is read up to a record has everything in it that was stored before. */
async function createTopic(change: { maxMessageBytes?: number } = {}) {
  const topicPrefix = `t-${randomUUID()}`;
  const client = clientAt(kafka.brokers, topicPrefix);
  const [spec] = topicTable(topicPrefix);
  if (!spec) throw new Error('the topic table is empty');
  await createTopics(client, [{ ...spec, partitions: 1, ...change }], { replication: 1, minInsync: 1 });
  return { client, topicPrefix, topic: spec.name };
}

async function started(publisher: Publisher): Promise<Publisher> {
  cleanUps.push(() => publisher.stop({ deadline: new Date(Date.now() + 2_000) }));
  await publisher.start();
  return publisher;
}

/** The ingress with a topic and a reader of that topic. */
async function startWithKafka(options: Parameters<typeof startIngress>[0] & { maxMessageBytes?: number } = {}) {
  const { maxMessageBytes, ...ingressOptions } = options;
  const { client, topic } = await createTopic(maxMessageBytes === undefined ? {} : { maxMessageBytes });
  const publisher = await started(createPublisher({ client }));
  const ingress = await startIngress({ topic, store: publisher.publish, publishTimeoutMs: 20_000, ...ingressOptions });
  cleanUps.push(async () => ingress.stop());
  return { ...ingress, ...(await readRecords(client, topic)) };
}

async function readRecords(client: KafkaClient, topic: string) {
  const records: ConsumedRecord[] = [];
  const reader = await readTopic({ client, topic, from: 'beginning', onRecord: (record) => void records.push(record) });
  cleanUps.push(() => reader.stop());
  /** All records up to the `count`th: waits for them as long as the test may take. */
  async function first(count: number): Promise<ConsumedRecord[]> {
    while (records.length < count) await pause(20);
    return records;
  }
  return { records, first, events: async (count: number) => (await first(count)).map(eventOf) };
}

const eventOf = ({ value }: ConsumedRecord): InboundEvent => inboundEventSchema.parse(parseJson(value ?? ''));
const textOf = (content: string) => JSON.stringify({ content, conversation_id: 501 });
const post = (body: string | Buffer, secret?: string) => ({ body, headers: signed(body, secret) });

describe('what was answered 200', () => {
  test('is in the topic, with key, headers and value as the contract has them', async () => {
    const ingress = await startWithKafka();
    const body = '{"id":77,"content":"Olá \\u00e7\\/ 🚀","conversation_id":501,"sender":{"type":"agent_bot"}}';
    expect(await ingress.send(post(body))).toMatchObject({ status: 200, body: '{"status":"ok"}' });

    const [record] = await ingress.first(1);
    const event = eventOf(record as ConsumedRecord);
    expect(event).toMatchObject({
      connection: 'acme',
      conversation: { id: '501' },
      author: { kind: 'bot' },
      message: { kind: 'text', text: 'Olá ç/ 🚀' },
      verified: true,
      raw: JSON.parse(body),
    });
    expect(event.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}-0$/);
    expect(event.redeliveryKey).toMatch(/^77\/[0-9a-f]{64}\/0$/);
    expect(record?.key).toBe('acme/501');
    expect(record?.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_type: 'nicochat.inbound-event.v1',
      ce_source: '/connections/acme',
      ce_subject: '501',
      ce_time: event.receivedAt,
      'content-type': 'application/json',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
    });
  });

  test('has the digits of ids and numbers beyond 2^53', async () => {
    const ingress = await startWithKafka();
    const body = '{"id":18446744073709551617,"conversation_id":9007199254740993,"content":"oi","price":1.10}';
    expect((await ingress.send(post(body))).status).toBe(200);
    const [record] = await ingress.first(1);
    expect(record?.key).toBe('acme/9007199254740993');
    expect(record?.value).toContain(`"raw":${body}`);
    expect(eventOf(record as ConsumedRecord).redeliveryKey).toMatch(/^18446744073709551617\//);
  });

  test('is every event of a request that holds several, in their order', async () => {
    const ingress = await startWithKafka();
    const body = JSON.stringify(['a', 'b', 'c'].map((content) => ({ content, conversation_id: 501 })));
    expect((await ingress.send(post(body))).status).toBe(200);
    const events = await ingress.events(3);
    expect(events.map(({ message }) => message)).toMatchObject([{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
    const [receipt] = (events[0]?.id ?? '').split('-');
    expect(events.map(({ id }) => id)).toEqual([`${receipt}-0`, `${receipt}-1`, `${receipt}-2`]);
  });

  test.each(['chatwoot', 'messenger', 'uchat'] as const)(
    'is each kind that NicoChat promises, in the candidate shape %s',
    async (shape) => {
      const ingress = await startWithKafka();
      const url = 'https://midia.exemplo.com.br/a';
      const buttons = [{ kind: 'postback' as const, title: 'Vendas', payload: 'IR_VENDAS' }];
      const messages: Exclude<InboundEvent['message'], { kind: 'unknown' }>[] = [
        { kind: 'text', text: 'oi' },
        { kind: 'buttons', text: 'Escolha:', buttons },
        { kind: 'cards', cards: [{ title: 'Plano A', subtitle: 'R$ 10', imageUrl: url, buttons }] },
        ...(['image', 'audio', 'video', 'file'] as const).map((kind) => ({ kind, url })),
      ];
      const context = { conversationId: '501', contactId: 'cliente-77', author: 'bot' as const };
      for (const message of messages) {
        const body = JSON.stringify(buildWebhookPayload(shape, message, context));
        expect((await ingress.send(post(body))).status).toBe(200);
      }
      const events = await ingress.events(7);
      expect(events.map(({ message }) => message.kind)).toEqual(messages.map(({ kind }) => kind));
    },
  );

  test('is there once for each of many requests at once', async () => {
    const ingress = await startWithKafka();
    const sent = Array.from({ length: 200 }, (_, index) => textOf(`${index}`));
    const answered: string[] = [];
    await Promise.all(
      sent.map(async (body) => {
        expect((await ingress.send(post(body))).status).toBe(200);
        answered.push(body);
      }),
    );
    const events = await ingress.events(sent.length);
    expect(events.map(({ raw }) => JSON.stringify(raw)).toSorted()).toEqual(answered.toSorted());
    expect(new Set(events.map(({ id }) => id)).size).toBe(sent.length);
  });
});

describe('signatures made by another tool than Node', () => {
  type Vector = {
    name: string;
    secret: string;
    algorithm: string;
    encoding: string;
    signature: string;
    body: { text?: string };
    timestamp?: number;
  };
  const file = new URL('../../../libs/signature/vectors/signatures.json', import.meta.url);
  const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8'));
  const ofObjects = vectors.filter(
    ({ body, timestamp, ...one }) =>
      body.text?.includes('{') &&
      timestamp === undefined &&
      `${one.algorithm} ${one.encoding} ${one.secret}` === 'sha256 hex k3y-so-nossa',
  );

  test('are accepted, and nothing of the same requests with one bit changed is stored', async () => {
    expect(ofObjects.length).toBeGreaterThan(5);
    const ingress = await startWithKafka({
      connections: [testConnection({ verificationKeys: [{ key: 'k3y-so-nossa' }] })],
    });
    for (const { body, signature } of ofObjects) {
      const bytes = Buffer.from(body.text ?? '');
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const reply = await ingress.send({ body: changed, headers: { 'x-hub-signature-256': `sha256=${signature}` } });
        expect(reply.status).toBe(401);
      }
      const reply = await ingress.send({ body: bytes, headers: { 'x-hub-signature-256': `sha256=${signature}` } });
      expect(reply.status).toBe(200);
    }
    const events = await ingress.events(ofObjects.length);
    expect(events.map(({ raw }) => raw)).toEqual(
      ofObjects.map(({ body }) => JSON.parse((body.text ?? '').replace(/^\uFEFF/, ''))),
    );
  });
});

describe('what was answered 4xx', () => {
  test('is in no topic, while what is right before and after it is', async () => {
    const ingress = await startWithKafka({ bodyLimitBytes: 10_000 });
    const body = textOf('forged');
    const large = textOf('x'.repeat(10_000));
    const query = `hub_mode=subscribe&hub_verify_token=wrong&hub_challenge=1`;
    const refused: [number, Parameters<typeof ingress.send>[0]][] = [
      [401, { body }],
      [401, post(body, 'another-verification-key')],
      [401, { body: body.slice(0, -1), headers: signed(body) }],
      [401, { body: `${body}\n`, headers: signed(body) }],
      [401, { headers: signed(body) }],
      [400, post('"forged"')],
      [400, post('{"content":"forged"')],
      [400, { body: `hub_mode=subscribe&hub_verify_token=${currentKey}&hub_challenge=%00` }],
      [403, { ...post(body), path: `/webhooks/acme?${query}` }],
      [404, { ...post(body), path: '/webhooks/other' }],
      [404, { ...post(body), path: '/' }],
      [405, { ...post(body), method: 'PUT' }],
      [413, post(large)],
      [415, { body, headers: { ...signed(body), 'content-encoding': 'gzip' } }],
    ];
    expect((await ingress.send(post(textOf('before')))).status).toBe(200);
    for (const [status, sent] of refused) expect((await ingress.send(sent)).status).toBe(status);
    await ingress.raw(
      `POST /webhooks/acme HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length + 10}\r\n` +
        `x-hub-signature-256: ${signed(body)['x-hub-signature-256']}\r\n\r\n${body}`,
    );
    expect((await ingress.send(post(textOf('after')))).status).toBe(200);
    const events = await ingress.events(2);
    expect(events.map(({ message }) => message)).toEqual([
      { kind: 'text', text: 'before' },
      { kind: 'text', text: 'after' },
    ]);
  });

  test('because the topic does not take it leaves its neighbours alone', async () => {
    const ingress = await startWithKafka({ maxMessageBytes: 20_000 });
    const bodies = Array.from({ length: 30 }, (_, index) => textOf(index % 10 === 5 ? 'x'.repeat(30_000) : `${index}`));
    const replies = await Promise.all(bodies.map((body) => ingress.send(post(body))));
    expect(replies.map(({ status }) => status)).toEqual(bodies.map((body) => (body.length > 20_000 ? 413 : 200)));

    const small = bodies.filter((body) => body.length <= 20_000);
    expect((await ingress.send(post(textOf('last')))).status).toBe(200);
    const events = await ingress.events(small.length + 1);
    expect(events.map(({ raw }) => JSON.stringify(raw)).toSorted()).toEqual([...small, textOf('last')].toSorted());
  });

  test('because one event of several is above what any topic takes stores none of them', async () => {
    // The text is in the event twice, as message and as raw.
    const ingress = await startWithKafka({ bodyLimitBytes: 4 << 20 });
    const body = JSON.stringify([{ content: 'small' }, { content: 'x'.repeat(3 << 20) }, { content: 'small' }]);
    expect((await ingress.send(post(body))).status).toBe(413);
    expect((await ingress.send(post(textOf('last')))).status).toBe(200);
    expect((await ingress.events(1)).map(({ message }) => message)).toEqual([{ kind: 'text', text: 'last' }]);
  });
});

describe('while the broker', () => {
  async function behindProxy(publishTimeoutMs: number) {
    const { client, topicPrefix, topic } = await createTopic();
    const proxy = await createBrokerProxy(kafka.brokers.split(',')[0] ?? '');
    cleanUps.push(() => proxy.close());
    const publisher = createPublisher({ client: clientAt(proxy.address, topicPrefix), requestTimeoutMs: 1_000 });
    cleanUps.push(() => publisher.stop({ deadline: new Date() }));
    const ingress = await startIngress({ topic, store: publisher.publish, publishTimeoutMs });
    cleanUps.push(async () => ingress.stop());
    return { proxy, ...ingress, ...(await readRecords(client, topic)) };
  }

  async function untilAccepted(ingress: Awaited<ReturnType<typeof behindProxy>>, body: string): Promise<void> {
    let status = 503;
    while (status === 503) ({ status } = await ingress.send(post(body)));
    expect(status).toBe(200);
  }

  test.each(['close', 'stall'] as const)(
    'does not answer (%s), the answer is 503 with Retry-After; once it does, 200',
    async (how) => {
      const ingress = await behindProxy(300);
      await ingress.proxy[how]();
      const replies = await Promise.all(['a', 'b', 'c'].map((text) => ingress.send(post(textOf(text)))));
      for (const reply of replies) {
        expect(reply).toMatchObject({
          status: 503,
          headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
        });
      }
      await ingress.proxy.open();
      await untilAccepted(ingress, textOf('back'));
      const stored = () => ingress.records.map(({ value }) => value);
      await vi.waitFor(() => expect(stored()).toContainEqual(expect.stringContaining('"back"')), 20_000);
    },
  );

  test('does not answer, handshakes, echoes and refusals are answered as ever', async () => {
    const ingress = await behindProxy(300);
    const query = `hub_mode=subscribe&hub_verify_token=${currentKey}&hub_challenge=abc`;
    expect(await ingress.send({ path: `/webhooks/acme?${query}` })).toMatchObject({ status: 200, body: 'abc' });
    expect((await ingress.send(post('{"content":"oi","message_type":"incoming"}'))).status).toBe(200);
    expect((await ingress.send({ body: textOf('forged') })).status).toBe(401);
    expect((await ingress.send(post(textOf('good')))).status).toBe(503);
  });
});

test('in monitor mode a forged webhook is in the topic, as unverified', async () => {
  const monitored = testConnection({ signature: { ...defaultScheme, mode: 'monitor', capture: 0 } });
  const ingress = await startWithKafka({ connections: [monitored] });
  expect((await ingress.send({ body: textOf('forged') })).status).toBe(200);
  expect((await ingress.send(post(textOf('good')))).status).toBe(200);
  const events = await ingress.events(2);
  expect(events.map(({ verified, message }) => [verified, message])).toMatchObject([
    [false, { text: 'forged' }],
    [true, { text: 'good' }],
  ]);
});
