import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { KafkaClient } from './connect-kafka.ts';
import { createGroupConsumer } from './consumer.ts';
import { createPublisher } from './publisher.ts';
import { contentOf, kafkaWorld } from './testing/world.ts';
import { openTransactionalWriter } from './transactional-writer.ts';
import type { GroupMember } from './wire/group-offsets.ts';

const world = kafkaWorld();
vi.setConfig({ testTimeout: 90_000 });
const soon = () => new Date(Date.now() + 15_000);
/** Of a group without members, in no generation. */
const nobody = { memberId: '', generationId: -1 };

/** Offsets beyond the end of a partition would be put back by kafkajs. */
async function fill(topic: string): Promise<void> {
  const publisher = createPublisher({ client: world.client });
  const record = { topic, key: 'a', value: 'x', headers: {}, partition: 0 };
  await publisher.publish(Array.from({ length: 20 }, () => record));
  await publisher.stop({ deadline: soon() });
}

/** A member of a group that does nothing with what it reads. */
async function join(groupId: string, topic: string) {
  let joined = 0;
  const group = createGroupConsumer({
    client: world.client,
    groupId,
    topics: [topic],
    eachBatch: async () => {},
    onAssigned: () => void (joined += 1),
    onFatal: (error) => {
      throw error;
    },
  });
  await group.start();
  onTestFinished(() => group.leave({ deadline: soon() }));
  await expect.poll(() => joined, { timeout: 30_000 }).toBeGreaterThan(0);
  return { member: () => group.membership.member as GroupMember, joined: () => joined };
}

/** A client of which commits wait on their way until they are let go. */
function holdCommits(client: KafkaClient) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let held = 0;
  const connectBroker: KafkaClient['connectBroker'] = async (...where) => {
    const connection = await client.connectBroker(...where);
    return {
      ...connection,
      async ask(api, payload) {
        if (api === 'EndTxn') {
          held += 1;
          await promise;
        }
        return connection.ask(api, payload);
      },
    };
  };
  return { client: { ...client, connectBroker }, held: () => held, letGo: resolve };
}

async function start() {
  const [topic, output, groupId] = [await world.topic(), await world.topic({ partitions: 1 }), `g-${randomUUID()}`];
  const open = (client = world.client, transactionalId: string = randomUUID()) =>
    openTransactionalWriter({ client, transactionalId, groupId, topic });
  const record = (value: string) => ({ topic: output, key: 'a', value, headers: {} });
  const stored = async (count: number) =>
    (await contentOf(world.client, output, count)).map(({ value }) => value?.split(' ')[0]);
  return { topic, groupId, open, record, stored };
}

test('one transaction moves several partitions, and each is gone on with where it was left', async () => {
  const { open, record, stored } = await start();
  const writer = await open();
  expect(await writer.firstOpen(0)).toBe(0n);
  const offsets = new Map([
    [0, 10n],
    [2, 7n],
  ]);
  await writer.write([record('first'), record('second')], offsets, nobody);
  await writer.write([], new Map([[2, 8n]]), nobody);
  const next = await open();
  expect(await Promise.all([0, 1, 2].map((partition) => next.firstOpen(partition)))).toEqual([10n, 0n, 8n]);
  await Promise.all([writer.close(), next.close()]);
  expect(await stored(2)).toEqual(['first', 'second']);
});

test('who is in an older generation of the group, or no member of it, commits nothing', async () => {
  const { topic, groupId, open, record, stored } = await start();
  await fill(topic);
  const first = await join(groupId, topic);
  const before = first.member();
  const writer = await open();
  await writer.write([record('first')], new Map([[0, 10n]]), before);

  const second = await join(groupId, topic);
  await expect.poll(first.joined, { timeout: 30_000 }).toBe(2);
  const late = writer.write([record('late')], new Map([[0, 20n]]), before);
  await expect(late).rejects.toMatchObject({ type: 'ILLEGAL_GENERATION' });
  await writer.close();
  const stranger = await open();
  const strange = stranger.write([record('strange')], new Map([[0, 20n]]), {
    ...second.member(),
    memberId: 'stranger',
  });
  await expect(strange).rejects.toMatchObject({ type: 'UNKNOWN_MEMBER_ID' });
  await stranger.close();

  const next = await open();
  expect(await next.firstOpen(0)).toBe(10n);
  await next.write([record('second')], new Map([[0, 20n]]), second.member());
  await next.close();
  expect(await stored(2)).toEqual(['first', 'second']);
});

test('nobody is told where to go on while an open transaction may still move it', async () => {
  const { topic, groupId, open, record, stored } = await start();
  await fill(topic);
  const sleeper = await join(groupId, topic);
  const { client, held, letGo } = holdCommits(world.client);
  const writer = await open(client);
  const writing = writer.write([record('first')], new Map([[0, 10n]]), sleeper.member());
  await expect.poll(held, { timeout: 30_000 }).toBe(1);

  await join(groupId, topic);
  const next = await open();
  await expect(next.firstOpen(0)).rejects.toMatchObject({ type: 'UNSTABLE_OFFSET_COMMIT' });
  expect(await next.firstOpen(1)).toBe(0n);
  letGo();
  await writing;
  expect(await next.firstOpen(0)).toBe(10n);
  await Promise.all([writer.close(), next.close()]);
  expect(await stored(1)).toEqual(['first']);
});

test('a new writer of the same id ends what the one before had begun, and fences it', async () => {
  const { open, record, stored } = await start();
  const { client, held, letGo } = holdCommits(world.client);
  const id = randomUUID();
  const sleeper = await open(client, id);
  const writing = sleeper.write([record('broken off')], new Map([[0, 10n]]), nobody);
  const fenced = expect(writing).rejects.toThrow();
  await expect.poll(held, { timeout: 30_000 }).toBe(1);
  const next = await open(world.client, id);
  expect(await next.firstOpen(0)).toBe(0n);
  letGo();
  await fenced;
  await next.write([record('first')], new Map([[0, 10n]]), nobody);
  await Promise.all([sleeper.close(), next.close()]);
  expect(await stored(1)).toEqual(['first']);
});

test('a writer that is closed in a transaction leaves nothing open', async () => {
  const { open, record, stored } = await start();
  const writer = await open();
  const gone = { topic: `gone-${randomUUID()}`, key: 'a', value: 'x', headers: {} };
  await writer.write([record('first')], new Map([[0, 1n]]), nobody);
  const stranger = { memberId: 'stranger', generationId: 3 };
  await expect(writer.write([record('aborted')], new Map([[0, 10n]]), stranger)).rejects.toThrow();
  await writer.close();
  const next = await open();
  await expect(next.write([record('refused'), gone], new Map([[0, 10n]]), nobody)).rejects.toMatchObject({
    name: 'TopicRefusal',
  });
  await next.close();
  // Read as far as it goes: what is open would end it here.
  const behind = await open();
  await behind.write([record('behind')], new Map([[0, 11n]]), nobody);
  await behind.close();
  expect(await stored(2)).toEqual(['first', 'behind']);
});

test('what is too much for one batch is stored in several, in order, and the next transaction goes on behind it', async () => {
  const { open, record, stored } = await start();
  const writer = await open();
  const padding = 'x'.repeat(100_000);
  const large = Array.from({ length: 15 }, (_, index) => record(`${index} ${padding}`));
  await writer.write(large, new Map([[0, 15n]]), nobody);
  await writer.write([record(`15 ${padding}`)], new Map([[0, 16n]]), nobody);
  await writer.close();
  expect((await stored(16)).map(Number)).toEqual(Array.from({ length: 16 }, (_, one) => one));
});
