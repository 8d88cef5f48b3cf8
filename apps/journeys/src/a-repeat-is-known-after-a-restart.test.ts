import { expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { postWebhook } from './world/webhook-sender.ts';

const world = journey({
  apps: ['ingress', 'router'],
  connections: { acme: {} },
  routing: { defaultChannel: 'all' },
});

/** The same bytes each time. */
async function deliver(id: string | undefined, content: string): Promise<void> {
  const body = JSON.stringify({ ...(id && { id }), message_type: 'outgoing', content, conversation_id: 501 });
  expect((await postWebhook(world.connection('acme'), body)).status).toBe(200);
}

/** What reached the channel, once that includes `last`: the text, and `?` when it is suspected to be a repeat. */
const arrived = (last: string) =>
  world.topics.until(world.topics.names.channelMessages, last, (records) => {
    const messages = records.map(({ value }) => JSON.parse(value ?? ''));
    const texts = messages.map(({ message, duplicateSuspected }) => message.text + (duplicateSuspected ? '?' : ''));
    return texts.includes(last) && texts;
  });

it.each(['SIGTERM', 'SIGKILL'])(
  'redeliveries are known to a router that started after %s ended one',
  async (signal) => {
    const router = world.app('router');
    await deliver(`m-${signal}`, `with an id ${signal}`);
    await deliver(undefined, `without one ${signal}`);
    await arrived(`without one ${signal}`);
    if (signal === 'SIGTERM') await router.terminate();
    else router.kill();
    await router.ended;

    await world.start('router');
    await deliver(`m-${signal}`, `with an id ${signal}`);
    await deliver(undefined, `without one ${signal}`);
    await deliver(undefined, `the last ${signal}`);
    const texts = await arrived(`the last ${signal}`);
    expect(texts.filter((text) => text.includes(signal))).toEqual([
      `with an id ${signal}`,
      `without one ${signal}`,
      `without one ${signal}?`,
      `the last ${signal}`,
    ]);
  },
);

it('what was stored without an answer before a long outage, and came again after it, is known after a restart', async () => {
  const { inboundEvents } = world.topics.names;
  const event = (id: string, receivedAt: Date) => {
    const fixed = { connection: 'acme', conversation: { id: '502' }, author: { kind: 'bot' }, verified: true, raw: {} };
    const value = { ...fixed, id, redeliveryKey: `/${id}/0`, message: { kind: 'text', text: id }, receivedAt };
    return { topic: inboundEvents, key: 'acme/502', value: JSON.stringify(value), headers: {} };
  };
  const hourAgo = new Date(Date.now() - 3_600_000);
  const producer = world.topics.client.open().producer();
  await producer.connect();
  const { topic, ...message } = event('in-doubt', hourAgo);
  await producer.send({ topic, messages: [{ ...message, timestamp: String(hourAgo.getTime()) }] });
  await producer.disconnect();
  await arrived('in-doubt');

  await world.app('router').terminate();
  await world.start('router');
  await world.topics.publish([event('in-doubt', hourAgo), event('new', new Date())]);
  const texts = await arrived('new');
  expect(texts.slice(-2)).toEqual(['in-doubt', 'new']);
  expect(texts.filter((text) => text === 'in-doubt')).toHaveLength(1);
});
