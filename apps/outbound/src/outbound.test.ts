import { pause, readTopic } from '@bridge/kafka';
import type { ConsumedRecord } from '@bridge/kafka';
import { expect, test, vi } from 'vitest';
import { command, outboundWorld, produce, until, upTo } from './testing/outbound-world.ts';

vi.setConfig({ testTimeout: 120_000 });
const startWorld = outboundWorld();

const contentsOf = (received: { content?: string }[]) => received.map(({ content }) => Number(content));

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
