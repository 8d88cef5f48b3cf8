import { channelMessageSchema } from '@bridge/schemas';
import type { ChannelMessage } from '@bridge/schemas';
import { sampleMessages } from '@bridge/schemas/sample-messages';
import type { ConsumedRecord } from '@bridge/kafka';
import { describe, expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { person } from './world/private-values.ts';
import { newTraceparent } from './world/send-commands.ts';
import { postWebhook, signed } from './world/webhook-sender.ts';

/** The simulator can write in each of the candidate shapes; only the first has a place for the conversation. */
const world = journey({
  apps: ['simulator', 'ingress', 'router'],
  connections: {
    chatwoot: { workspace: { shape: 'chatwoot' } },
    messenger: { workspace: { shape: 'messenger' } },
    uchat: { workspace: { shape: 'uchat' } },
    php: { workspace: { json: 'php' } },
  },
  routing: {
    channels: { agents: { topic: 'chat.agents.v1' } },
    routes: [
      { name: 'agents', when: { author: 'agent' }, channel: 'agents' },
      { name: 'rooms', when: { connection: ['chatwoot', 'php'] }, channel: 'room-{conversation.id}' },
      { name: 'contacts', when: { connection: ['messenger'] }, channel: 'contact-{contact.id}' },
    ],
    defaultChannel: 'triage',
  },
});

/** Where an event of each connection ends up, for conversation 70 and contact cliente-70. */
const expected: Record<string, { key: string; channel: string; route?: string; author: string }> = {
  chatwoot: { key: 'chatwoot/70', channel: 'room-70', route: 'rooms', author: 'bot' },
  messenger: {
    key: 'messenger/contact/cliente-70',
    channel: 'contact-cliente-70',
    route: 'contacts',
    author: 'unknown',
  },
  uchat: { key: 'uchat/contact/cliente-70', channel: 'triage', author: 'bot' },
};

const messageOf = (record: ConsumedRecord): ChannelMessage =>
  channelMessageSchema.parse(JSON.parse(record.value ?? ''));

async function writeToBot(connectionId: string, conversation: number, content: string): Promise<void> {
  const { botUrl, flowApiKey } = world.connection(connectionId);
  const { name, email, phone } = person;
  const response = await fetch(botUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${flowApiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      content,
      message_type: 'incoming',
      sender: { id: `cliente-${conversation}`, name, email, phone_number: phone, type: 'contact' },
      conversation_id: conversation,
      event: 'message_created',
    }),
  });
  expect(response.status).toBe(200);
}

/** The bodies that the simulator posted for a conversation, in their order. */
async function bodiesSent(connectionId: string, conversation: string): Promise<string[]> {
  const { workspace } = world.connection(connectionId);
  const entries = await world.simulator.journal({ kind: 'sent', workspace, conversation });
  return entries.map(({ body }) => body);
}

describe.each(Object.entries(expected))('in the shape of %s', (connection, { key, channel, route, author }) => {
  it.each(sampleMessages.map((wanted) => [wanted.kind, wanted] as const))(
    'what the bot says with %s reaches the channel, as it was sent',
    async (kind, wanted) => {
      const { workspace } = world.connection(connection);
      const delivery = { message: wanted, conversationId: '70', contactId: 'cliente-70' };
      expect(await world.simulator.deliver(workspace, delivery)).toMatchObject({ delivered: true });
      const ofKind = (record: ConsumedRecord) => record.key === key && messageOf(record).message.kind === kind;
      const record = await world.topics.until(world.topics.names.channelMessages, `${key}, ${kind}`, (records) =>
        records.find(ofKind),
      );

      const message = messageOf(record);
      expect(message).toMatchObject({ connection, channel, verified: true, message: wanted, author: { kind: author } });
      expect(message.route).toBe(route);
      expect(message.duplicateSuspected).toBe(false);
      expect((await bodiesSent(connection, '70')).map((body) => JSON.parse(body))).toContainEqual(message.raw);
      expect(record.headers).toEqual({
        ce_specversion: '1.0',
        ce_id: message.id,
        ce_type: 'nicochat.channel-message.v1',
        ce_source: `/connections/${connection}`,
        ce_subject: channel,
        ce_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        'content-type': 'application/json',
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
      });
      expect(message.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}-0$/);
    },
  );
});

it('an agent reaches another channel than the bot, with a topic of its own', async () => {
  await writeToBot('chatwoot', 71, '/agent');

  const own = await world.topics.until(world.ownTopic('chat.agents.v1'), 'the agent', (records) =>
    records.find(({ key }) => key === 'chatwoot/71'),
  );
  expect(messageOf(own)).toMatchObject({
    channel: 'agents',
    route: 'agents',
    author: { kind: 'agent' },
    message: { kind: 'text', text: 'Olá, aqui é a Marina. Como posso ajudar?' },
  });
  const shared = await world.topics.until(world.topics.names.channelMessages, 'the bot', (records) =>
    records.find(({ key }) => key === 'chatwoot/71'),
  );
  expect(messageOf(shared)).toMatchObject({ channel: 'room-71', route: 'rooms', author: { kind: 'bot' } });
  const bots = (await world.topics.recordsOf(world.topics.names.channelMessages)).map(messageOf);
  expect(bots.filter(({ author }) => author.kind === 'agent')).toEqual([]);
});

it('a body with escapes as PHP writes them is verified by its bytes', async () => {
  await writeToBot('php', 72, '/text');
  const record = await world.topics.until(world.topics.names.channelMessages, 'the escaped text', (records) =>
    records.find(({ key }) => key === 'php/72'),
  );

  expect((await bodiesSent('php', '72'))[0]).toContain(String.raw`Este \u00e9 um texto`);
  expect(messageOf(record).message).toEqual({ kind: 'text', text: 'Este é um texto simples, com acento e emoji: 🚀' });
});

it("the sender's trace goes on in the channel message, and ids beyond 2^53 keep every digit", async () => {
  const traceparent = newTraceparent();
  const connection = world.connection('chatwoot');
  const body =
    '{"message_type":"outgoing","content":"oi","conversation_id":90071992547409931,"sender":{"type":"user"}}';
  const answer = await postWebhook(connection, body, { ...signed(connection, body), traceparent });
  expect(answer).toMatchObject({ status: 200, body: '{"status":"ok"}' });

  const topics = [world.topics.names.inboundEvents, world.ownTopic('chat.agents.v1')];
  for (const topic of topics) {
    const record = await world.topics.until(topic, 'the event', (records) =>
      records.find(({ key }) => key === 'chatwoot/90071992547409931'),
    );
    expect(record.headers['traceparent']).toBe(traceparent);
    expect(record.value).toContain('"conversation_id":90071992547409931,');
  }
});
