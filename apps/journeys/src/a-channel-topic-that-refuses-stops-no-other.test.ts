import { writeFileSync } from 'node:fs';
import { partitionOf } from '@bridge/kafka';
import { expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { postWebhook } from './world/webhook-sender.ts';

const world = journey({
  apps: ['ingress', 'router'],
  connections: { acme: {} },
  routing: {
    channels: { support: { topic: 'support' } },
    routes: [{ name: 'own', when: { conversation: '901' }, channel: 'support' }],
    defaultChannel: 'all',
  },
});
const own = () => world.ownTopic('support');

/** Another conversation of the same input partition. */
const neighbour = () => {
  const partition = (id: number) => partitionOf(`acme/${id}`, 4);
  return Array.from({ length: 100 }, (_, index) => 902 + index).find((id) => partition(id) === partition(901)) ?? 0;
};

async function setLargestRecord(bytes: number): Promise<void> {
  const admin = world.topics.client.open().admin();
  await admin.connect();
  // ConfigResourceTypes.TOPIC, which only libs/kafka may import.
  // oxlint-disable-next-line no-unsafe-enum-assignment
  const type = 2 as Parameters<typeof admin.alterConfigs>[0]['resources'][number]['type'];
  const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: own(), configEntries }] });
  await admin.disconnect();
}

async function say(conversation: number, content: string): Promise<void> {
  const body = JSON.stringify({ message_type: 'outgoing', content, conversation_id: conversation });
  expect((await postWebhook(world.connection('acme'), body)).status).toBe(200);
}

/** What a topic holds, each text by its first word, once that includes `last`. */
const wordsIn = (topic: string, last: string) =>
  world.topics.until(topic, last, (records) => {
    const texts = records.map(({ value }) => String(JSON.parse(value ?? '').message.text).split(' ')[0]);
    return texts.includes(last) && texts;
  });

it('a message too large for the topic of its channel is a dead letter, and what is behind it goes on', async () => {
  await say(901, 'before');
  await wordsIn(own(), 'before');
  await setLargestRecord(20_000);
  await say(901, `large ${'x'.repeat(50_000)}`);
  await say(neighbour(), 'neighbour');
  await say(901, 'behind');

  expect(await wordsIn(world.topics.names.channelMessages, 'neighbour')).toEqual(['neighbour']);
  expect(await wordsIn(own(), 'behind')).toEqual(['before', 'behind']);
  const [letter] = await world.topics.until(world.topics.names.deadLetters, 'a letter', (all) => all.length > 0 && all);
  expect(letter?.headers).toMatchObject({
    'x-dead-letter-topic': world.topics.names.inboundEvents,
    'x-dead-letter-stage': 'router',
    'x-dead-letter-reason': 'too-large',
    'x-dead-letter-error': expect.stringContaining(own()),
  });
});

it('a router that starts says which topic of a channel takes too little, or is missing', async () => {
  const small = await world.runToItsEnd('router', { ROUTER_PROBES_PORT: '0' });
  expect(small).toMatchObject({ code: 78 });
  expect(small.output).toContain(`${own()} (max.message.bytes 20000)`);

  const file = world.file('missing-topic.yaml');
  writeFileSync(file, missingTopicFile);
  const missing = await world.runToItsEnd('router', { BRIDGE_CONFIG: file, ROUTER_PROBES_PORT: '0' });
  expect(missing).toMatchObject({ code: 78 });
  expect(missing.output).toContain('missing topics: there.is.no.such.topic');
});

it('once the topic takes it, the dead letter is replayed into it', async () => {
  await setLargestRecord(4 << 20);
  const replay = await world.bridge('dead-letters', 'replay', '--reason', 'too-large');
  expect(replay).toMatchObject({ code: 0, stderr: '' });
  expect(await wordsIn(own(), 'large')).toEqual(['before', 'behind', 'large']);
});

const missingTopicFile = `connections:
  acme:
    workspace: 4821
    verificationKeys: [{ file: acme-verification-key }]
    flowApiKey: { file: acme-flow-api-key }
    botUrl: { file: acme-bot-url }
channels: { support: { topic: there.is.no.such.topic } }
defaultChannel: support
`;
