import { expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { commandRecord, resultOf, sendCommand } from './world/send-commands.ts';
import { postWebhook } from './world/webhook-sender.ts';

const world = journey({
  connections: { acme: { workspace: { botAnswers: false } } },
  routing: { routes: [{ name: 'rooms', when: { connection: 'acme' }, channel: 'room-{conversation.id}' }] },
});

const conversations = Array.from({ length: 50 }, (_, index) => String(9_000 + index));
const turns = Array.from({ length: 20 }, (_, index) => `message ${index + 1}`);

/** The texts by conversation, in the order in which they came. */
function grouped(said: [conversation: string, text: string][]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const [conversation, text] of said) (groups[conversation] ??= []).push(text);
  return groups;
}

const inOrder = Object.fromEntries(conversations.map((conversation) => [conversation, turns]));

it('1,000 commands of 50 conversations reach the bot in order, though some need another attempt', async () => {
  const { sendCommands, sendResults } = world.topics.names;
  const { workspace } = world.connection('acme');
  // In three conversations the first messages fail or are slow: what comes after them must wait for them.
  const failing = { target: 'bot-url', kind: 'status', status: 503 };
  await world.simulator.addFault(workspace, { ...failing, conversation: '9001', times: 2 });
  await world.simulator.addFault(workspace, { ...failing, conversation: '9002' });
  const slow = { target: 'bot-url', kind: 'latency', latencyMs: 300, times: 3 };
  await world.simulator.addFault(workspace, { ...slow, conversation: '9003' });
  for (const text of turns) {
    const commands = conversations.map((conversation) =>
      sendCommand({ connection: 'acme', conversation, message: text }),
    );
    await world.topics.publish(commands.map((command) => commandRecord(sendCommands, command)));
  }

  const results = await world.topics.until(sendResults, 'all results', (all) => all.length >= 1_000 && all);
  expect(results.map(resultOf).filter(({ outcome }) => outcome !== 'sent')).toEqual([]);
  const received = await world.simulator.journal({ kind: 'received', workspace });
  const accepted = received.filter(({ outcome }) => outcome === 'accepted');
  expect(received.length - accepted.length).toBe(3);
  expect(grouped(accepted.map(({ conversation, body }) => [conversation ?? '', JSON.parse(body).content]))).toEqual(
    inOrder,
  );
});

it('1,000 webhooks of 50 conversations reach the channels in order, sent side by side', async () => {
  const { inboundEvents, channelMessages } = world.topics.names;
  const acme = world.connection('acme');
  const say = async (conversation: string) => {
    for (const content of turns) {
      const body = JSON.stringify({ message_type: 'outgoing', content, conversation_id: Number(conversation) });
      expect((await postWebhook(acme, body)).status).toBe(200);
    }
  };
  await Promise.all(conversations.map(say));

  for (const topic of [inboundEvents, channelMessages]) {
    const records = await world.topics.until(topic, 'all messages', (all) => all.length >= 1_000 && all);
    const messages = records.map(({ value }) => JSON.parse(value ?? ''));
    expect(grouped(messages.map(({ conversation, message }) => [conversation.id, message.text]))).toEqual(inOrder);
  }
});
