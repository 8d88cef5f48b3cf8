import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { KafkaClient } from './connect-kafka.ts';
import { consumeInTransactions } from './consume-in-transactions.ts';
import { pause } from './pause.ts';
import { createPublisher } from './publisher.ts';
import type { ConsumedRecord } from './records.ts';
import { swallowingClient } from './testing/swallowing-client.ts';
import type { Swallowable } from './testing/swallowing-client.ts';
import { contentOf, kafkaWorld } from './testing/world.ts';
import { transactionsOf } from './transactions-of.ts';

const world = kafkaWorld();
vi.setConfig({ testTimeout: 90_000 });
const soon = () => new Date(Date.now() + 15_000);

async function fill(topic: string, from: number, count: number): Promise<void> {
  const publisher = createPublisher({ client: world.client });
  for (let value = from; value < from + count; value += 50) {
    const values = Array.from({ length: Math.min(50, from + count - value) }, (_, index) => value + index);
    await publisher.publish(values.map((one) => ({ topic, key: `c${one % 20}`, value: String(one), headers: {} })));
  }
  await publisher.stop({ deadline: soon() });
}

function copy(
  input: string,
  output: string,
  groupId: string,
  { client = world.client, forgottenAfterMs }: { client?: KafkaClient; forgottenAfterMs?: number } = {},
) {
  const outcomes: string[] = [];
  const warnings: string[] = [];
  const warn = ({ error = '' }: { error?: string }, message: string) => void warnings.push(`${message} ${error}`);
  const recalled: string[] = [];
  const recalledOf = new Set<number>();
  const forgotten: number[] = [];
  const consumer = consumeInTransactions({
    client: { ...client, log: { ...client.log, warn } },
    groupId,
    topic: input,
    ...(forgottenAfterMs !== undefined && { forgottenAfterMs }),
    onTransaction: (outcome) => void outcomes.push(outcome),
    forget: (partition) => forgotten.push(partition),
    recall({ value, partition }) {
      recalled.push(value ?? '');
      recalledOf.add(partition);
    },
    recallMs: 60_000,
    plan: (records) => ({
      outgoing: records.map(({ key, value }) => ({ topic: output, key, value, headers: {} })),
      stored: () => {},
    }),
    onFatal: (error) => {
      throw error;
    },
  });
  return { consumer, recalled, recalledOf, forgotten, outcomes, warnings: () => warnings };
}

/** Waits for the records, and a little longer for those that should not be there. */
async function expectOnceInOrder(output: string, count: number): Promise<void> {
  const stored = await contentOf(world.client, output, count);
  const values = stored.map(({ value }) => Number(value));
  expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
  for (let key = 0; key < 20; key += 1) {
    const ofKey = stored.filter((one) => one.key === `c${key}`).map(({ value }) => Number(value));
    expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
  }
}

test('every record is written once and in order, also by a second run that goes on where the first ended', async () => {
  const [input, output, groupId] = [await world.topic(), await world.topic(), `g-${randomUUID()}`];
  const first = copy(input, output, groupId);
  await first.consumer.start();
  await fill(input, 0, 300);
  await contentOf(world.client, output, 300);
  await first.consumer.stop({ deadline: soon() });
  expect(first.recalled).toEqual([]);

  await fill(input, 300, 300);
  const second = copy(input, output, groupId);
  await second.consumer.start();
  await expectOnceInOrder(output, 600);
  await second.consumer.stop({ deadline: soon() });
  // What came within the last minute is recalled, and nothing else.
  expect(second.recalled.map(Number).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 300 }, (_, index) => index),
  );
});

test('recalled is what is young enough, and as much as a batch may hold of what came before it, however old', async () => {
  const [input, output] = [await world.topic({ partitions: 1 }), await world.topic({ partitions: 1 })];
  const groupId = `g-${randomUUID()}`;
  const producer = world.client.open().producer();
  await producer.connect();
  const hourAgo = String(Date.now() - 3_600_000);
  const old = Array.from({ length: 5_200 }, (_, index) => ({ value: `old ${index}`, timestamp: hourAgo }));
  const young = Array.from({ length: 50 }, (_, index) => ({ value: `young ${index}` }));
  await producer.send({ topic: input, messages: [...old, ...young] });
  const first = copy(input, output, groupId);
  await first.consumer.start();
  await contentOf(world.client, output, 5_250);
  await first.consumer.stop({ deadline: soon() });

  await producer.send({ topic: input, messages: [{ value: 'next' }] });
  await producer.disconnect();
  const second = copy(input, output, groupId);
  await second.consumer.start();
  expect((await contentOf(world.client, output, 5_251)).at(-1)?.value).toBe('next');
  await second.consumer.stop({ deadline: soon() });
  expect(second.recalled).toEqual([...old.slice(200), ...young].map(({ value }) => value));
});

test('members that come and go in mid-flow double nothing and lose nothing', async () => {
  const [input, output, groupId] = [await world.topic(), await world.topic(), `g-${randomUUID()}`];
  const [first, second, third] = [0, 1, 2].map(() => copy(input, output, groupId)) as [Copy, Copy, Copy];
  await first.consumer.start();
  await fill(input, 0, 400);
  await second.consumer.start();
  await fill(input, 400, 400);
  await first.consumer.stop({ deadline: soon() });
  await third.consumer.start();
  await fill(input, 800, 400);
  await contentOf(world.client, output, 1_200);
  await Promise.all([second.consumer.stop({ deadline: soon() }), third.consumer.stop({ deadline: soon() })]);
  await expectOnceInOrder(output, 1_200);
});
type Copy = ReturnType<typeof copy>;

test('what stays with a member while another comes and goes is not recalled, what comes back is', async () => {
  const [input, output, groupId] = [await world.topic(), await world.topic(), `g-${randomUUID()}`];
  const [stays, comes] = [copy(input, output, groupId), copy(input, output, groupId)];
  await stays.consumer.start();
  await fill(input, 0, 200);
  await contentOf(world.client, output, 200);
  expect(new Set(stays.forgotten)).toEqual(new Set([0, 1, 2, 3]));
  await comes.consumer.start();
  await fill(input, 200, 200);
  await contentOf(world.client, output, 400);
  const lent = comes.recalledOf;
  expect(lent.size).toBe(2);
  await comes.consumer.stop({ deadline: soon() });
  await fill(input, 400, 200);
  await expectOnceInOrder(output, 600);
  await stays.consumer.stop({ deadline: soon() });
  expect(stays.recalledOf).toEqual(lent);
  // Each when it was first taken over, when it was lent, and when it came back; and all at the end.
  const times = [0, 1, 2, 3].map((partition) => stays.forgotten.filter((one) => one === partition).length);
  expect(times).toEqual([0, 1, 2, 3].map((partition) => (lent.has(partition) ? 4 : 2)));
});

test.each<Swallowable>(['produce', 'addPartitions', 'txnOffsetCommit', 'endTxn'])(
  'answers to %s that are lost double nothing and lose nothing',
  async (request) => {
    const [input, output, groupId] = [await world.topic(), await world.topic(), `g-${randomUUID()}`];
    const { client, arm, swallowed } = swallowingClient(world.brokers);
    const { consumer } = copy(input, output, groupId, { client });
    await consumer.start();
    for (let round = 0; round < 6; round += 1) {
      arm(request);
      await fill(input, round * 100, 100);
      await pause(700);
    }
    await contentOf(world.client, output, 600);
    await consumer.stop({ deadline: soon() });
    expect(swallowed()).toBeGreaterThan(0);
    await expectOnceInOrder(output, 600);
  },
);

test('partitions that are fetched together are stored in one transaction', async () => {
  const [input, output, groupId] = [await world.topic(), await world.topic(), `g-${randomUUID()}`];
  const { consumer, outcomes } = copy(input, output, groupId);
  await consumer.start();
  await fill(input, 0, 50);
  await contentOf(world.client, output, 50);
  const before = outcomes.length;
  await fill(input, 50, 50);
  await expectOnceInOrder(output, 100);
  await consumer.stop({ deadline: soon() });
  // The first of them may be fetched alone.
  expect(outcomes.length - before).toBeLessThan(4);
  expect(new Set(outcomes)).toEqual(new Set(['committed']));
});

test('a transaction that somebody left open is waited for; when Kafka has forgotten to end it, others go on without', async () => {
  const [input, output, groupId] = [await world.topic(), await world.topic(), `g-${randomUUID()}`];
  // Kafka ends it after ten minutes: for this test never.
  const dead = world.client.open().producer({ transactionalId: randomUUID(), transactionTimeout: 600_000 });
  await dead.connect();
  const transaction = await dead.transaction();
  const topics = [{ topic: input, partitions: [{ partition: 0, offset: '5' }] }];
  await transaction.sendOffsets({ consumerGroupId: groupId, topics });
  const { consumer, warnings } = copy(input, output, groupId, { forgottenAfterMs: 2_500 });
  await consumer.start();
  await fill(input, 0, 100);
  await expect.poll(warnings, { timeout: 30_000 }).toContainEqual(expect.stringContaining('is still open'));
  await expectOnceInOrder(output, 100);
  expect(warnings().filter((text) => text.startsWith('Kafka has forgotten the end'))).toHaveLength(1);
  await consumer.stop({ deadline: soon() });
  await transaction.abort();
  await dead.disconnect();
});

test('a transaction holds a bounded part of a batch, a larger record goes alone, recalled records go apart', () => {
  const record = (offset: number, kib: number) => ({ offset: String(offset), sizeBytes: kib * 1024 }) as ConsumedRecord;
  const records = [record(1, 1), record(2, 1), record(3, 600), record(4, 600), record(5, 1_900), record(6, 1)];
  const parts = transactionsOf(records, 3n).map(({ recalled, records: some }) => [
    recalled,
    some.map(({ offset }) => offset),
  ]);
  expect(parts).toEqual([
    [true, ['1', '2']],
    [false, ['3']],
    [false, ['4']],
    [false, ['5']],
    [false, ['6']],
  ]);
});
