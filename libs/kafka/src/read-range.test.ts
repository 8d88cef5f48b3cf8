import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPublisher } from './publisher.ts';
import { readRange, topicRanges } from './read-range.ts';
import type { OffsetRange } from './reader.ts';
import { readTopic } from './read-topic.ts';
import type { ConsumedRecord } from './records.ts';
import { kafkaWorld } from './testing/world.ts';
import { withAdmin } from './topics.ts';

const world = kafkaWorld();

async function publish(topic: string, partition: number, ...values: string[]): Promise<void> {
  const publisher = createPublisher({ client: world.client });
  await publisher.publish(values.map((value) => ({ topic, key: 'k', value, headers: { own: value }, partition })));
  await publisher.stop({ deadline: new Date(Date.now() + 15_000) });
}

/** Begins a transaction with these records; the caller ends it. */
async function begin(topic: string, partition: number, ...values: string[]) {
  const producer = world.client.open().producer({ transactionalId: randomUUID(), maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: values.map((value) => ({ key: 'k', value, partition })) });
  const endBy = (how: () => Promise<void>) => async () => {
    await how();
    await producer.disconnect();
  };
  return { commit: endBy(() => transaction.commit()), abort: endBy(() => transaction.abort()) };
}

/** The broker writes the marker of a transaction's end a moment after it has acknowledged it. */
async function untilEnds(topic: string, ends: number[]): Promise<void> {
  const found = async () => {
    const ranges = await topicRanges(world.client, topic);
    return ends.map((_, partition) => Number(ranges.get(partition)?.to));
  };
  await expect.poll(found, { timeout: 20_000 }).toEqual(ends);
}

async function read(topic: string, ranges: ReadonlyMap<number, OffsetRange>): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  await readRange({ client: world.client, topic, ranges, onRecord: (record) => records.push(record) });
  return records;
}

const told = (records: ConsumedRecord[]) =>
  records.map(({ partition, offset, value }) => `${partition}@${offset} ${value}`).toSorted();

const range = (from: number, to: number): OffsetRange => ({ from: BigInt(from), to: BigInt(to) });

describe('all that a topic holds', () => {
  it('is read, partition by partition in order, and then it ends', async () => {
    const topic = await world.topic();
    const many = Array.from({ length: 500 }, (_, index) => String(index));
    await publish(topic, 0, ...many);
    await publish(topic, 2, 'a', 'b');
    const ranges = await topicRanges(world.client, topic);
    expect(ranges).toEqual(new Map([0, 1, 2, 3].map((one) => [one, range(0, [500, 0, 2, 0][one] ?? 0)])));
    await publish(topic, 2, 'too late');

    const records = await read(topic, ranges);
    expect(records.filter(({ partition }) => partition === 0).map(({ value }) => value)).toEqual(many);
    expect(told(records.filter(({ partition }) => partition !== 0))).toEqual(['2@0 a', '2@1 b']);
    expect(records.at(-1)).toMatchObject({ topic, key: 'k', headers: { own: expect.any(String) } });
  });

  it('is nothing at first', async () => {
    const topic = await world.topic();
    expect(await read(topic, await topicRanges(world.client, topic))).toEqual([]);
  });

  it('ends also behind what a transaction broke off, and behind the marker of one', async () => {
    const topic = await world.topic();
    await (await begin(topic, 0, 'committed')).commit();
    await (await begin(topic, 1, 'broken off')).abort();
    await publish(topic, 2, 'plain');
    await (await begin(topic, 2, 'broken off')).abort();
    await untilEnds(topic, [2, 2, 3, 0]);
    expect(told(await read(topic, await topicRanges(world.client, topic)))).toEqual(['0@0 committed', '2@0 plain']);
  });

  it('does not wait for a transaction that is still open', async () => {
    const topic = await world.topic();
    await publish(topic, 0, 'before');
    const open = await begin(topic, 0, 'open');
    await publish(topic, 0, 'behind it');
    const ranges = await topicRanges(world.client, topic);
    expect(told(await read(topic, ranges))).toEqual(['0@0 before']);
    await open.commit();
    await untilEnds(topic, [4, 0, 0, 0]);
    expect(told(await read(topic, await topicRanges(world.client, topic)))).toHaveLength(3);
  });
});

describe('a part of it', () => {
  it('is read by offsets, of the partitions named', async () => {
    const topic = await world.topic();
    await publish(topic, 0, 'a', 'b', 'c', 'd');
    await publish(topic, 1, 'e', 'f');
    const ranges = new Map([
      [0, range(1, 3)],
      [1, range(1, 1)],
    ]);
    expect(told(await read(topic, ranges))).toEqual(['0@1 b', '0@2 c']);
  });

  it('begins with the first record of a moment', async () => {
    const topic = await world.topic({ timestampType: 'CreateTime' });
    const producer = world.client.open().producer();
    await producer.connect();
    const messages = [1_000, 2_000, 3_000].map((at) => ({ value: String(at), partition: 0, timestamp: String(at) }));
    await producer.send({ topic, messages });
    await producer.disconnect();
    const fromOf = async (sinceMs: number) => (await topicRanges(world.client, topic, sinceMs)).get(0);
    expect([await fromOf(0), await fromOf(1_500), await fromOf(2_000), await fromOf(3_001)]).toEqual([
      range(0, 3),
      range(1, 3),
      range(1, 3),
      range(3, 3),
    ]);
  });

  it('that was deleted meanwhile is passed over', async () => {
    const topic = await world.topic();
    await publish(topic, 0, 'a', 'b', 'c', 'd');
    const before = await topicRanges(world.client, topic);
    const partitions = [{ partition: 0, offset: '2' }];
    await withAdmin(world.client, async (admin) => {
      // It knows the topic's leaders only once it was asked for the topic.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions });
    });
    expect((await topicRanges(world.client, topic)).get(0)).toEqual(range(2, 4));
    expect(told(await read(topic, before))).toEqual(['0@2 c', '0@3 d']);
  });

  it('that is not there is not waited for for ever', async () => {
    const topic = await world.topic();
    await publish(topic, 0, 'a');
    const ranges = new Map([[0, range(0, 5)]]);
    const reading = readRange({ client: world.client, topic, ranges, onRecord: () => {}, patienceMs: 1_000 });
    await expect(reading).rejects.toMatchObject({
      name: 'BrokerUnreachableError',
      message: expect.stringContaining(topic),
    });
  });
});

describe('what onRecord throws', () => {
  const seen: string[] = [];
  const onRecord = ({ value }: ConsumedRecord) => {
    seen.push(value ?? '');
    throw new TypeError('enough');
  };
  const filled = async () => {
    seen.length = 0;
    const topic = await world.topic();
    await publish(topic, 0, 'a', 'b');
    return topic;
  };

  it('ends reading at once', async () => {
    const topic = await filled();
    const ranges = await topicRanges(world.client, topic);
    await expect(readRange({ client: world.client, topic, ranges, onRecord })).rejects.toThrow('enough');
    expect(seen).toEqual(['a']);
  });

  it('ends endless reading too, which says so', async () => {
    const topic = await filled();
    const reader = await readTopic({ client: world.client, topic, from: 'beginning', onRecord });
    await expect(reader.ended).rejects.toThrow('enough');
    await publish(topic, 0, 'c');
    await reader.stop();
    expect(seen).toEqual(['a']);
  });
});

it('leaves no group behind', async () => {
  const topic = await world.topic();
  await publish(topic, 0, 'a');
  const topicPrefix = randomUUID();
  const client = { ...world.client, settings: { ...world.client.settings, topicPrefix } };
  const countGroups = () =>
    withAdmin(client, async (admin) => {
      const { groups } = await admin.listGroups();
      return groups.filter(({ groupId }) => groupId.startsWith(topicPrefix)).length;
    });
  const endless = await readTopic({ client, topic, from: 'beginning', onRecord: () => {} });
  expect(await countGroups()).toBe(1);
  await endless.stop();
  await readRange({ client, topic, ranges: await topicRanges(client, topic), onRecord: () => {} });
  expect(await countGroups()).toBe(0);
});
