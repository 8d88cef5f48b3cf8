import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '@bridge/tools/paths';
import { afterAll, expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { until } from './world/until.ts';

const world = journey({
  connections: { acme: {} },
  routing: { routes: [{ name: 'rooms', when: { connection: 'acme' }, channel: 'room-{conversation.id}' }] },
});

/** What this test uses of a Kafka client that is not ours. */
type PlainKafka = new (options: object) => {
  producer(): {
    connect(): Promise<void>;
    send(given: object): Promise<unknown>;
    disconnect(): Promise<void>;
  };
  consumer(options: { groupId: string; maxWaitTimeInMs: number }): {
    connect(): Promise<void>;
    subscribe(given: object): Promise<void>;
    run(given: { eachMessage(given: { topic: string; message: Message }): Promise<void> }): Promise<void>;
    disconnect(): Promise<void>;
  };
};
type Message = { key: Buffer; value: Buffer; headers: Record<string, Buffer> };

const load = createRequire(join(root, 'libs', 'kafka', 'package.json'));
const { Kafka } = load('kafkajs') as { Kafka: PlainKafka };

const opened: { disconnect(): Promise<void> }[] = [];
afterAll(async () => {
  for (const each of opened) await each.disconnect();
});

/** All as text: what anybody sees who reads with any client. */
const readable = ({ key, value, headers }: Message) => ({
  key: key.toString(),
  value: JSON.parse(value.toString()),
  headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString()])),
});

it('a command by hand leads to its result and to the answer in the channel, with their headers', async () => {
  const { brokers } = world.topics.client.settings;
  const kafka = new Kafka({ clientId: 'somebody', brokers, logLevel: 0 });
  const [producer, consumer] = [
    kafka.producer(),
    kafka.consumer({ groupId: `${world.prefix}.somebody`, maxWaitTimeInMs: 200 }),
  ];
  opened.push(producer, consumer);
  const read: Record<string, ReturnType<typeof readable>[]> = { results: [], messages: [] };
  const topics = [`${world.prefix}.send-results.v1`, `${world.prefix}.channel-messages.v1`];
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message }) =>
      void read[topic.includes('results') ? 'results' : 'messages']?.push(readable(message)),
  });

  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await producer.connect();
  await producer.send({
    topic: `${world.prefix}.send-commands.v1`,
    messages: [
      {
        key: 'acme/901',
        headers: {
          ce_specversion: '1.0',
          ce_id: 'by-hand-1',
          ce_type: 'nicochat.send-command.v1',
          ce_source: '/somebody',
          ce_time: '2026-11-23T12:00:00Z',
          'content-type': 'application/json',
          traceparent,
        },
        value:
          '{"id":"by-hand-1","connection":"acme","conversation":{"id":"901"},' +
          '"contact":{"id":"cliente-77","name":"Ana Souza"},"message":{"kind":"text","text":"Oi"}}',
      },
      // No headers at all: the value alone is the command.
      {
        key: 'acme/901',
        value:
          '{"id":"by-hand-2","connection":"acme","conversation":{"id":"901"},' +
          '"contact":{"id":"cliente-77"},"message":{"kind":"text","text":"Ainda aí?"}}',
      },
    ],
  });

  const results = await until(
    'both results',
    () => (read['results']?.length ?? 0) >= 2 && read['results'],
    () => read,
  );
  expect(results[0]).toEqual({
    key: 'acme/901',
    value: {
      commandId: 'by-hand-1',
      connection: 'acme',
      conversation: { id: '901' },
      outcome: 'sent',
      attempts: 1,
      status: 200,
      at: expect.any(String),
    },
    headers: {
      ce_specversion: '1.0',
      ce_id: expect.any(String),
      ce_type: 'nicochat.send-result.v1',
      ce_source: '/connections/acme',
      ce_subject: 'by-hand-1',
      ce_time: expect.any(String),
      'content-type': 'application/json',
      traceparent,
      'x-command-offset': '0',
      'x-command-replays': '0',
    },
  });
  expect(results[1]).toMatchObject({ value: { commandId: 'by-hand-2', outcome: 'sent' } });

  const answers = await until(
    'both answers',
    () => (read['messages']?.length ?? 0) >= 2 && read['messages'],
    () => read,
  );
  expect(answers.map(({ value }) => value.message.text)).toEqual(['Você disse: Oi', 'Você disse: Ainda aí?']);
  expect(answers[0]).toMatchObject({
    key: 'acme/901',
    value: {
      connection: 'acme',
      conversation: { id: '901' },
      channel: 'room-901',
      route: 'rooms',
      author: { kind: 'bot' },
      verified: true,
    },
    headers: {
      ce_specversion: '1.0',
      ce_id: answers[0]?.value.id,
      ce_type: 'nicochat.channel-message.v1',
      ce_source: '/connections/acme',
      ce_subject: 'room-901',
      'content-type': 'application/json',
    },
  });
});

it('bridge topics create makes all topics as the table has them, check agrees, and tells where others differ', async () => {
  const own = ['--prefix', `${world.prefix}-cli`];
  const created = await world.bridge(...own, 'topics', 'create');
  expect(created).toMatchObject({ code: 0 });
  const names = ['inbound-events', 'channel-messages', 'send-commands', 'send-results', 'dead-letters'];
  for (const name of names) expect(created.stdout).toContain(`${world.prefix}-cli.${name}.v1`);
  expect(await world.bridge(...own, 'topics', 'check')).toMatchObject({ code: 0 });

  const differing = await world.bridge('topics', 'check');
  expect(differing.code).not.toBe(0);
  expect(differing.stdout + differing.stderr).toMatch(/send-commands.*partitions is 4, must be 12/);
});
