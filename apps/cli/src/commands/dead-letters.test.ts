import { randomUUID } from 'node:crypto';
import {
  connectKafka,
  createPublisher,
  createTopics,
  deadLetterRecord,
  partitionOf,
  readRange,
  topicRanges,
} from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient, OutgoingRecord } from '@bridge/kafka';
import { topicNames, topicTable } from '@bridge/schemas';
import { testKafka } from '@bridge/tools/local-kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBridgeCommand, startBridge } from '../bridge-command.fixture.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const soon = () => new Date(Date.now() + 15_000);
const partitions = 4;
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let kafka: Awaited<ReturnType<typeof testKafka>>;
beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(() => kafka?.stop());

type Death = Partial<Omit<Parameters<typeof deadLetterRecord>[0], 'record'>>;

/** A record that was read, as if some of it were otherwise. */
function changed(record: ConsumedRecord, changes: Partial<ConsumedRecord>): ConsumedRecord {
  const { key, value, headers, rawHeaders } = record;
  return { ...record, key, value, headers, rawHeaders, ...changes };
}

/** Topics of its own, and what it takes to fill and read them. */
async function createWorld({ maxEventBytes }: { maxEventBytes?: number } = {}) {
  const prefix = `t-${randomUUID()}`;
  const names = topicNames(prefix);
  const settings = { brokers: kafka.brokers.split(','), topicPrefix: prefix, startupTimeoutMs: 30_000 };
  const client: KafkaClient = connectKafka({ settings, clientId: 'cli-test', log: silent });
  const limited = { partitions, ...(maxEventBytes !== undefined && { maxMessageBytes: maxEventBytes }) };
  const specs = topicTable(prefix).map((spec) => ({
    ...spec,
    ...(spec.kind === 'inboundEvents' ? limited : { partitions }),
  }));
  await createTopics(client, specs, { replication: 1, minInsync: 1 });
  const env = { KAFKA_BROKERS: kafka.brokers, TOPIC_PREFIX: prefix };

  async function publish(...records: OutgoingRecord[]) {
    const publisher = createPublisher({ client, maxRecordBytes: 5 << 20 });
    const acks = await publisher.publish(records);
    await publisher.stop({ deadline: soon() });
    return acks;
  }

  /** All that a topic holds, partition by partition in order. */
  async function contentOf(topic: string): Promise<ConsumedRecord[]> {
    const records: ConsumedRecord[] = [];
    const onRecord = (record: ConsumedRecord) => void records.push(record);
    await readRange({ client, topic, ranges: await topicRanges(client, topic), onRecord });
    return records.toSorted((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset));
  }

  /** Gives up on records that lie in their topics, as the apps do. */
  async function bury(records: ConsumedRecord[], death: Death = {}): Promise<string[]> {
    const about = { stage: 'outbound', reason: 'rejected', error: 'HTTP 400: no', attempts: 1 } as const;
    const letters = records.map((record) =>
      deadLetterRecord({ topic: names.deadLetters, record, firstFailedAt: new Date(0), ...about, ...death }),
    );
    const acks = await publish(...letters);
    return acks.map(({ partition, offset }) => `${partition}@${offset}`);
  }

  /** Publishes commands of one conversation and gives them back as outbound reads them. */
  async function commands(conversation: string, ...ids: string[]): Promise<ConsumedRecord[]> {
    const key = `acme/${conversation}`;
    const acks = await publish(
      ...ids.map((id) => ({
        topic: names.sendCommands,
        key,
        value: JSON.stringify({ id, connection: 'acme', conversation: { id: conversation } }),
        headers: { ce_id: id, traceparent },
      })),
    );
    const offsets = new Set(acks.map(({ offset }) => offset));
    const partition = partitionOf(key, partitions);
    return (await contentOf(names.sendCommands)).filter(
      (one) => one.partition === partition && offsets.has(one.offset),
    );
  }

  const bridge = (...args: string[]) => runBridgeCommand(['dead-letters', ...args], { env });
  const start = (...args: string[]) => startBridge(['dead-letters', ...args], { env });
  /** What replays wrote to send-commands, in order: id, count of replays, letter. */
  const replayed = async () =>
    (await contentOf(names.sendCommands))
      .filter(({ headers }) => headers['x-dead-letter-id'] !== undefined)
      .map(({ headers }) => `${headers['ce_id']} ${headers['x-dead-letter-replays']} ${headers['x-dead-letter-id']}`);
  return { names, client, publish, contentOf, bury, commands, bridge, start, replayed };
}

type World = Awaited<ReturnType<typeof createWorld>>;

describe('looking at dead letters', () => {
  let world: World;
  let acme = '';
  let other = '';
  const death = { stage: 'router', reason: 'unroutable', error: 'no route \u001b[2J matches' } as const;

  beforeAll(async () => {
    world = await createWorld();
    const { names, publish, contentOf, commands, bury } = world;
    [acme = ''] = await bury(await commands('501', 'c-1'));
    const value = '{"bot_url":"https://b/9f3c0a","n":9007199254740993}';
    await publish({ topic: names.inboundEvents, key: 'beta/a%20b', value, headers: { ce_id: 'e-1' } });
    [other = ''] = await bury(await contentOf(names.inboundEvents), death);
  });

  it('list has a line for each, the oldest first', async () => {
    const { exitCode, stdout, stderr } = await world.bridge('list');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(
      stdout
        .replaceAll(/\d{4}-\S+Z/g, 'WHEN')
        .trimEnd()
        .split('\n'),
    ).toEqual([
      `${acme} WHEN outbound rejected acme/501: HTTP 400: no`,
      String.raw`${other} WHEN router unroutable beta/a b: no route \u001b[2J matches`,
    ]);
  });

  it.each([
    ['--connection', 'acme', 'acme'],
    ['--connection', 'beta', 'other'],
    ['--reason', 'unroutable', 'other'],
    ['--stage', 'outbound', 'acme'],
    ['--max', '1', 'acme'],
    ['--since', '2020-01-01T00:00:00Z', 'both'],
    ['--until', '2020-01-01T00:00:00Z', 'none'],
    ['--since', '2120-01-01T00:00:00Z', 'none'],
  ] as const)('list %s %s shows those alone', async (option, value, which) => {
    const { exitCode, stdout, stderr } = await world.bridge('list', option, value, '--json');
    const ids = stdout.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { id: string }).id]));
    expect(ids).toEqual({ acme: [acme], other: [other], both: [acme, other], none: [] }[which]);
    expect(exitCode).toBe(0);
    if (which === 'none') expect(stderr).toContain('No dead letters of that kind');
    if (option === '--max') expect(stderr).toContain('1 more are not shown');
  });

  it('reasons counts them', async () => {
    const { stdout, stderr } = await world.bridge('reasons');
    expect(stdout).toContain(`      1  router  ${world.names.inboundEvents}  unroutable  (newest `);
    expect(stdout).toContain(`      1  outbound  ${world.names.sendCommands}  rejected  (newest `);
    expect(stderr).toContain('2 dead letters.');
    expect((await world.bridge('reasons', '--stage', 'router')).stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  it('show tells all of one, but no secret', async () => {
    const { exitCode, stdout } = await world.bridge('show', other);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      `it lay in     ${world.names.inboundEvents}[${partitionOf('beta/a%20b', partitions)}]@0\n`,
    );
    expect(stdout).toContain('  ce_id: e-1\n');
    expect(stdout).toContain('    "n": 9007199254740993\n');
    expect(stdout).toContain('"bot_url": "***"');
    expect(stdout).not.toContain('9f3c0a');
  });

  it.each(['3@99', '77@0'])('show says that there is no %s', async (id) => {
    const { exitCode, stdout, stderr } = await world.bridge('show', id);
    expect(stderr).toContain(`there is no dead letter ${id}`);
    expect([exitCode, stdout]).toEqual([1, '']);
  });

  it('show wants a place', async () => {
    expect(await world.bridge('show', '6')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

describe('a replay', () => {
  it('goes back to where the record lay, byte for byte, and only once', async () => {
    const { names, publish, contentOf, bury, bridge } = await createWorld();
    const key = Buffer.from('acme/501');
    // Not where its key would put it: a producer may have chosen so.
    const partition = (partitionOf('acme/501', partitions) + 1) % partitions;
    const value = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    const headers = { ce_id: 'c-1', traceparent, own: Buffer.from([0xfe]), many: ['a', 'b'] };
    await publish({ topic: names.sendCommands, key, value, headers, partition });
    const [id = ''] = await bury(await contentOf(names.sendCommands));

    const dry = await bridge('replay', '--dry-run');
    expect(dry.stdout).toMatch(new RegExp(`^would replay ${id} \\S+ outbound rejected acme/501: HTTP 400: no\\n`));
    expect(dry.stdout).toMatch(/\nwould replay 1 dead letter\n$/);
    expect(await contentOf(names.sendCommands)).toHaveLength(1);

    const { exitCode, stdout, stderr } = await bridge('replay');
    const place = `${names.sendCommands}[${partition}]@1`;
    expect(stdout).toBe(`replayed ${id} acme/501 to ${place}\nreplayed 1 dead letter\n`);
    expect([exitCode, stderr]).toEqual([0, '']);
    const [original, replay, ...more] = await contentOf(names.sendCommands);
    expect(more).toEqual([]);
    expect(replay).toMatchObject({ partition, rawKey: original?.rawKey, rawValue: value });
    expect(replay?.rawHeaders).toEqual({
      ...original?.rawHeaders,
      'x-dead-letter-replays': Buffer.from('1'),
      'x-dead-letter-id': Buffer.from(id),
    });

    const again = await bridge('replay');
    expect(again).toMatchObject({ exitCode: 0, stdout: 'replayed 0 dead letters; skipped: 1 replayed already\n' });
    expect(await contentOf(names.sendCommands)).toHaveLength(2);
  });

  it('of an event goes to the events, and what its filter leaves out stays', async () => {
    const { names, publish, contentOf, bury, commands, bridge, replayed } = await createWorld();
    await bury(await commands('501', 'c-1'));
    await publish({ topic: names.inboundEvents, key: 'acme/501', value: '{}', headers: { ce_id: 'e-1' } });
    await bury(await contentOf(names.inboundEvents), { stage: 'router', reason: 'unroutable' });
    await bridge('replay', '--reason', 'unroutable');
    expect((await contentOf(names.inboundEvents)).map(({ headers }) => headers['x-dead-letter-replays'])).toEqual([
      undefined,
      '1',
    ]);
    expect(await replayed()).toEqual([]);
  });

  it('keeps each conversation in its order, a few at a time too', async () => {
    const { bury, commands, bridge, replayed } = await createWorld();
    const ids = Array.from({ length: 7 }, (_, index) => `c-${index}`);
    const records = await commands('501', ...ids);
    const letters = await bury(records.toReversed());
    const expected = ids.map((id, index) => `${id} 1 ${letters[6 - index]}`);

    const first = await bridge('replay', '--max', '3');
    expect(first.stdout).toContain('replayed 3 dead letters; skipped: 4 left for later (--max)\n');
    expect(await replayed()).toEqual(expected.slice(0, 3));
    const second = await bridge('replay', '--max', '4');
    expect(second.stdout).toContain('replayed 4 dead letters; skipped: 3 replayed already\n');
    expect(await replayed()).toEqual(expected);
  });

  it('that failed is a letter of its own, with its count, until it was replayed too often', async () => {
    const { bury, commands, contentOf, names, bridge, replayed } = await createWorld();
    let [id = ''] = await bury(await commands('501', 'c-1'));
    const expected: string[] = [];
    for (const count of [1, 2]) {
      const { stdout } = await bridge('replay', '--max-replays', '2');
      expect(stdout).toContain('replayed 1 dead letter');
      expected.push(`c-1 ${count} ${id}`);
      expect(await replayed()).toEqual(expected);
      [id = ''] = await bury((await contentOf(names.sendCommands)).slice(-1));
    }
    const { exitCode, stdout } = await bridge('replay', '--max-replays', '2');
    expect(stdout).toContain(`skipped, replayed too often (--max-replays): ${id} `);
    expect(stdout).toContain('acme/501 (replayed 2 times): ');
    expect(stdout).toContain('replayed 0 dead letters; skipped: 2 replayed already, 1 replayed too often');
    expect([exitCode, await replayed()]).toEqual([0, expected]);
  });

  it('is refused to letters that would write elsewhere', async () => {
    const { names, bury, commands, contentOf, bridge } = await createWorld();
    const [record] = (await commands('501', 'c-1')) as [ConsumedRecord];
    await bury([
      changed(record, { topic: names.sendResults }),
      changed(record, { topic: 'another.topic' }),
      changed(record, { partition: partitions }),
    ]);
    const { exitCode, stdout } = await bridge('replay');
    expect(stdout).toContain('replayed 0 dead letters; skipped: 3 without a place in');
    expect(await contentOf(names.sendResults)).toEqual([]);
    expect(exitCode).toBe(0);
  });

  it('warns of what came later and was sent already', async () => {
    const { names, publish, bury, commands, bridge } = await createWorld();
    const [dead, later] = (await commands('501', 'c-1', 'c-2')) as [ConsumedRecord, ConsumedRecord];
    const [quiet] = (await commands('777', 'c-3')) as [ConsumedRecord];
    await bury([dead, quiet]);
    const at = '2026-11-23T12:00:00.000Z';
    await publish({
      topic: names.sendResults,
      key: later.key,
      partition: later.partition,
      value: JSON.stringify({ commandId: 'c-2', outcome: 'sent', attempts: 1, at }),
      headers: { 'x-command-offset': later.offset, 'x-command-replays': '0' },
    });
    const { stdout } = await bridge('replay', '--dry-run');
    expect(stdout).toContain('later commands were sent already');
    expect(stdout).toMatch(
      /\n {2}acme\/501, \d@0: 1 later command was sent, the last c-2 at 2026-11-23T12:00:00.000Z\n/,
    );
    expect(stdout).not.toContain('  acme/777');
  });

  it('is not repeated when its topic may have forgotten it, unless that is wanted', async () => {
    const { names, client, bury, commands, bridge, replayed } = await createWorld();
    const records = await commands('501', 'c-1', 'c-2', 'c-3');
    await bury(records.slice(0, 1));
    await bridge('replay');
    const admin = client.open().admin();
    await admin.connect();
    const { partition = 0 } = records[0] ?? {};
    await admin.fetchTopicOffsets(names.sendCommands);
    await admin.deleteTopicRecords({ topic: names.sendCommands, partitions: [{ partition, offset: '4' }] });
    await admin.disconnect();

    const { exitCode, stdout } = await bridge('replay');
    expect(stdout).toContain('replayed 0 dead letters; skipped: 1 older than what their topic keeps');
    expect([exitCode, await replayed()]).toEqual([0, []]);
    await bridge('replay', '--include-forgotten');
    expect(await replayed()).toHaveLength(1);
  });
});

describe('a replay of very many', () => {
  const count = 3_000;

  async function buryMany(world: World): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, index) => `c-${index}`);
    await world.bury(await world.commands('501', ...ids));
    return ids;
  }
  const idsOf = (replays: string[]) => replays.map((line) => line.split(' ')[0]);

  it('that is killed is gone on with: nothing is lost, doubled, or out of order', async () => {
    const world = await createWorld();
    const ids = await buryMany(world);
    const running = world.start('replay');
    await running.saw('replayed ');
    running.interrupt('SIGKILL');
    await running.ended;
    const before = await world.replayed();
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(count);
    expect(idsOf(before)).toEqual(ids.slice(0, before.length));

    expect((await world.bridge('replay')).exitCode).toBe(0);
    expect(idsOf(await world.replayed())).toEqual(ids);
  });

  it('ends in good order with Ctrl-C', async () => {
    const world = await createWorld();
    const ids = await buryMany(world);
    const running = world.start('replay');
    await running.saw('replayed ');
    running.interrupt('SIGINT');
    const { exitCode, stdout, stderr } = await running.ended;
    const [, done = '0'] = /\nreplayed (\d+) dead letters\n$/.exec(stdout) ?? [];
    expect(stderr).toContain(`interrupted; ${count - Number(done)} letters are left`);
    expect(exitCode).toBe(1);
    expect(idsOf(await world.replayed())).toEqual(ids.slice(0, Number(done)));
  });
});

it('records near the limit of their size go back too', async () => {
  const { names, publish, contentOf, bury, bridge } = await createWorld();
  const sizes = [3_900_000, 10, 3_900_000, 600_000, 10];
  const values = sizes.map((size, index) => String(index).repeat(size));
  for (const value of values) await publish({ topic: names.inboundEvents, key: 'acme/501', value, headers: {} });
  await bury(await contentOf(names.inboundEvents), { stage: 'router', reason: 'unroutable' });
  expect(await bridge('replay')).toMatchObject({ exitCode: 0, stderr: '' });
  const replays = (await contentOf(names.inboundEvents)).slice(sizes.length);
  expect(replays.map(({ value }) => `${value?.[0]} ${value?.length}`)).toEqual(
    values.map((value) => `${value[0]} ${value.length}`),
  );
});

it('a record that its topic does not take any more stops no other', async () => {
  const { names, publish, contentOf, bury, bridge } = await createWorld({ maxEventBytes: 100_000 });
  await publish({ topic: names.inboundEvents, key: 'acme/501', value: 'a', headers: {} });
  const [record] = (await contentOf(names.inboundEvents)) as [ConsumedRecord];
  const values = ['a', 'b'.repeat(300_000), 'c'].map((value) => Buffer.from(value));
  const letters = values.map((rawValue, index) => changed(record, { rawValue, offset: String(index) }));
  const [, large = ''] = await bury(letters, { stage: 'router', reason: 'unroutable' });
  const { exitCode, stdout, stderr } = await bridge('replay');
  expect(stderr).toContain(`not replayed: ${large} acme/501: too large: `);
  expect(stderr).toContain('letters that could not be replayed: 1');
  expect(stdout).toContain('replayed 2 dead letters\n');
  expect((await contentOf(names.inboundEvents)).map(({ value }) => value)).toEqual(['a', 'a', 'c']);
  expect(exitCode).toBe(1);
});
