import { channelMessageSchema } from '@bridge/schemas';
import { expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { person } from './world/private-values.ts';
import { commandRecord, resultsOf, sendCommand } from './world/send-commands.ts';

const world = journey({
  connections: { acme: {} },
  routing: {
    channels: { support: { topic: 'chat.support.v1' } },
    routes: [
      { name: 'agents', when: { author: 'agent' }, channel: 'support' },
      { name: 'rooms', when: { connection: 'acme' }, channel: 'room-{conversation.id}' },
    ],
  },
});

/** What arrived in a topic for a conversation, in its order. */
async function arrived(topic: string, key: string, count: number) {
  return world.topics.until(topic, `${count} messages of ${key}`, (records) => {
    const ofKey = records.filter((record) => record.key === key);
    return ofKey.length >= count && ofKey.map(({ value }) => channelMessageSchema.parse(JSON.parse(value ?? '')));
  });
}

const send = (conversation: string, message: Parameters<typeof sendCommand>[0]['message']) => {
  const command = sendCommand({ connection: 'acme', conversation, message });
  return world.topics.publish([commandRecord(world.topics.names.sendCommands, command)]).then(() => command);
};

it('one command brings all seven kinds back into its room, in the order in which the bot said them', async () => {
  const command = await send('601', '/all');

  const messages = await arrived(world.topics.names.channelMessages, 'acme/601', 7);
  const kinds = ['text', 'buttons', 'cards', 'image', 'audio', 'video', 'file'];
  expect(messages.map(({ message }) => message.kind)).toEqual(kinds);
  expect(new Set(messages.map(({ channel }) => channel))).toEqual(new Set(['room-601']));
  expect(new Set(messages.map(({ contact }) => contact?.id))).toEqual(new Set(['cliente-77']));
  expect(new Set(messages.map(({ id }) => id)).size).toBe(7);
  await world.topics.until(world.topics.names.sendResults, 'the result', (records) =>
    resultsOf(records, command.id).find(({ outcome }) => outcome === 'sent'),
  );
});

it('a button that the bot offered, pressed with its payload as it came, is understood', async () => {
  await send('602', '/buttons');
  const [offer] = await arrived(world.topics.names.channelMessages, 'acme/602', 1);
  const button = offer?.message.kind === 'buttons' ? offer.message.buttons[0] : undefined;
  if (button?.kind !== 'postback') throw new Error(`no postback in ${JSON.stringify(offer)}`);
  await send('602', { kind: 'button', title: button.title, payload: button.payload });

  const [, answer, cards] = await arrived(world.topics.names.channelMessages, 'acme/602', 3);
  expect(answer?.message).toEqual({ kind: 'text', text: 'Certo, vendas! Veja os planos:' });
  expect(cards?.message.kind).toBe('cards');
});

it('an agent takes over and answers into another channel, until the bot is called back', async () => {
  await send('603', '/agent');
  await arrived(world.ownTopic('chat.support.v1'), 'acme/603', 1);
  await send('603', 'Meu pedido não chegou');
  const [, answer] = await arrived(world.ownTopic('chat.support.v1'), 'acme/603', 2);
  await send('603', '/bot');
  const [handOver, back] = await arrived(world.topics.names.channelMessages, 'acme/603', 2);

  expect(answer).toMatchObject({ channel: 'support', route: 'agents', author: { kind: 'agent' } });
  expect(answer?.message).toMatchObject({ text: expect.stringContaining('Meu pedido não chegou') });
  expect(handOver).toMatchObject({ channel: 'room-603', author: { kind: 'bot' } });
  expect(back).toMatchObject({ channel: 'room-603', author: { kind: 'bot' } });
});

it("the operator's command sends a text, waits for its result, and shows what came back", async () => {
  const text = 'Mandado pelo operador';
  const ids = ['--connection', 'acme', '--conversation', '604'];
  const sent = await world.bridge(
    'send',
    ...ids,
    '--contact-id',
    'cliente-77',
    '--phone',
    person.phone,
    '--text',
    text,
    '--wait',
  );
  expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining('sent') });

  const tail = await world.bridge('tail', 'channel-messages', '--from-beginning', ...ids, '--max', '1', '--json');
  expect(tail.code).toBe(0);
  const line = JSON.parse(tail.stdout);
  expect(line).toMatchObject({ key: 'acme/604', value: { message: { text: `Você disse: ${text}` } } });
});
