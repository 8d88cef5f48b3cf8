import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { PublishError } from './errors.ts';
import { pause } from './pause.ts';
import { createPublisher } from './publisher.ts';
import { swallowingClient } from './testing/swallowing-client.ts';
import { clientOf, contentOf, kafkaWorld } from './testing/world.ts';

const world = kafkaWorld();
const soon = () => new Date(Date.now() + 20_000);
const record = (topic: string, key: string, value: string) => ({ topic, key, value, headers: { 'x-test': 'yes' } });

test('records are acknowledged with their place, in order within a key', async () => {
  const topic = await world.topic();
  const publisher = createPublisher({ client: world.client });
  await publisher.start();
  const calls = Array.from({ length: 50 }, (_, index) =>
    publisher.publish([record(topic, `k${index % 5}`, `${index}`)]),
  );
  const acks = (await Promise.all(calls)).flat();
  await publisher.stop({ deadline: soon() });

  const stored = await contentOf(world.client, topic, 50);
  expect(stored).toHaveLength(50);
  for (const { partition, offset, value } of stored) expect(acks[Number(value)]).toEqual({ topic, partition, offset });
  for (const key of ['k0', 'k1', 'k2', 'k3', 'k4']) {
    const values = stored.filter((one) => one.key === key).map((one) => Number(one.value));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
  expect(stored[0]?.headers).toEqual({ 'x-test': 'yes' });
});

test('a start without a broker says so, with the exit code for it', async () => {
  const publisher = createPublisher({ client: clientOf('127.0.0.1:1') });
  await expect(publisher.start()).rejects.toMatchObject({ name: 'PublishError', kind: 'unavailable', exitCode: 69 });
});

test('calls that follow one another at once are all sent', async () => {
  const topic = await world.topic();
  const publisher = createPublisher({ client: world.client });
  for (let index = 0; index < 50; index += 1) await publisher.publish([record(topic, 'a', String(index))]);
  await publisher.stop({ deadline: soon() });
  expect((await contentOf(world.client, topic, 50)).map(({ value }) => Number(value))).toEqual([...Array(50).keys()]);
});

test('a record above the limit fails alone and at once', async () => {
  const topic = await world.topic();
  const publisher = createPublisher({ client: world.client, maxRecordBytes: 1_000 });
  const large = publisher.publish([record(topic, 'a', 'x'.repeat(2_000))]);
  const good = publisher.publish([record(topic, 'a', 'fine')]);
  await expect(large).rejects.toMatchObject({ name: 'PublishError', kind: 'too-large' });
  await expect(good).resolves.toHaveLength(1);
  await publisher.stop({ deadline: soon() });
});

test('a record that the broker finds too large does not fail its neighbours of the same send', async () => {
  const topic = await world.topic({ maxMessageBytes: 2_000, partitions: 1 });
  const publisher = createPublisher({ client: world.client });
  const calls = ['one', 'x'.repeat(5_000), 'two'].map((value) => publisher.publish([record(topic, 'a', value)]));
  const results = await Promise.allSettled(calls);
  await publisher.stop({ deadline: soon() });
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ kind: 'too-large' });
  expect((await contentOf(world.client, topic, 2)).map(({ value }) => value)).toEqual(['one', 'two']);
});

test('more bytes than may wait are refused as overloaded, and what waited is stored', async () => {
  const topic = await world.topic();
  const publisher = createPublisher({ client: world.client, maxWaitingBytes: 3_000 });
  const calls = Array.from({ length: 3 }, () => publisher.publish([record(topic, 'a', 'x'.repeat(1_200))]));
  const results = await Promise.allSettled(calls);
  await publisher.stop({ deadline: soon() });
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect((results[2] as PromiseRejectedResult).reason).toMatchObject({ kind: 'overloaded' });
});

test('without a broker a call fails at its deadline, and the next one succeeds when the broker is there; the log says both once', async () => {
  const topic = await world.topic();
  const proxy = await faultProxy(world.brokers);
  const lines: string[] = [];
  const write = (_fields: object, message: string) => void lines.push(message);
  const client = clientOf(`127.0.0.1:${proxy.port}`, { debug: write, info: write, warn: write, error: write });
  const publisher = createPublisher({ client, requestTimeoutMs: 1_000 });
  proxy.cut();
  const late = publisher.publish([record(topic, 'a', 'lost')], { deadline: new Date(Date.now() + 300) });
  await expect(late).rejects.toMatchObject({ kind: 'timeout' });
  const patient = publisher.publish([record(topic, 'a', 'kept')]);
  proxy.mend();
  await expect(patient).resolves.toHaveLength(1);
  await publisher.stop({ deadline: soon() });
  await proxy.close();
  expect((await contentOf(world.client, topic, 1)).map(({ value }) => value)).toEqual(['kept']);
  expect(lines).toEqual(['records wait to be published; trying again', 'records are published again']);
});

test('after a failed send it connects again by itself and is ready', async () => {
  const topic = await world.topic();
  const { client, arm } = swallowingClient(world.brokers);
  const publisher = createPublisher({ client, requestTimeoutMs: 2_000 });
  await publisher.start();
  expect(publisher.ready()).toBe(true);
  // Four attempts of kafkajs, each without an answer.
  for (let count = 0; count < 4; count += 1) arm();
  await expect(publisher.publish([record(topic, 'a', 'in doubt')])).rejects.toMatchObject({ kind: 'unavailable' });
  for (const end = Date.now() + 20_000; publisher.ready() !== true && Date.now() < end;) await pause(20);
  expect(publisher.ready()).toBe(true);
  await publisher.publish([record(topic, 'a', 'sure')]);
  await publisher.stop({ deadline: soon() });
});

test('what timed out while no broker was there waits no longer', async () => {
  const publisher = createPublisher({ client: clientOf('127.0.0.1:1'), maxWaitingBytes: 3_000, requestTimeoutMs: 300 });
  const publish = () =>
    publisher.publish([record('any', 'a', 'x'.repeat(1_200))], { deadline: new Date(Date.now() + 100) });
  const kinds = async () => {
    const results = await Promise.allSettled([publish(), publish(), publish()]);
    return results.map((result) => (result.status === 'rejected' ? (result.reason as PublishError).kind : 'stored'));
  };
  expect(await kinds()).toEqual(['timeout', 'timeout', 'overloaded']);
  await pause(1_500);
  expect(await kinds()).toEqual(['timeout', 'timeout', 'overloaded']);
  await publisher.stop({ deadline: soon() });
});

test('a size that is refused is told without a call', async () => {
  const publisher = createPublisher({ client: clientOf('127.0.0.1:1'), maxRecordBytes: 1_000 });
  expect(publisher.tooLarge([record('any', 'a', 'x'.repeat(800))])).toBeUndefined();
  const mixed = [record('any', 'a', 'fine'), record('any', 'a', 'x'.repeat(1_000))];
  expect(publisher.tooLarge(mixed)).toMatchObject({ name: 'PublishError', kind: 'too-large' });
});

test('what is withdrawn fails at once and is never sent, while its neighbours are', async () => {
  const topic = await world.topic();
  const proxy = await faultProxy(world.brokers);
  const publisher = createPublisher({ client: clientThrough(proxy), requestTimeoutMs: 1_000 });
  proxy.cut();
  const withdrawal = new AbortController();
  const withdrawn = publisher.publish([record(topic, 'a', 'withdrawn')], { signal: withdrawal.signal });
  const kept = publisher.publish([record(topic, 'a', 'kept')]);
  withdrawal.abort();
  await expect(withdrawn).rejects.toMatchObject({ kind: 'unavailable' });
  await expect(publisher.publish([record(topic, 'a', 'late')], { signal: withdrawal.signal })).rejects.toThrow(
    'withdrawn',
  );
  proxy.mend();
  await expect(kept).resolves.toHaveLength(1);
  await publisher.stop({ deadline: soon() });
  await proxy.close();
  expect((await contentOf(world.client, topic, 1)).map(({ value }) => value)).toEqual(['kept']);
});

test('of a call that holds a record too large for the broker, nothing is sent after that one', async () => {
  const topic = await world.topic({ maxMessageBytes: 2_000, partitions: 1 });
  const publisher = createPublisher({ client: world.client });
  const values = ['one', 'x'.repeat(5_000), 'two'];
  const call = publisher.publish(values.map((value) => record(topic, 'a', value)));
  const neighbour = publisher.publish([record(topic, 'a', 'neighbour')]);
  await expect(call).rejects.toMatchObject({ kind: 'too-large' });
  await neighbour;
  await publisher.stop({ deadline: soon() });
  expect((await contentOf(world.client, topic, 2)).map(({ value }) => value)).toEqual(['one', 'neighbour']);
});

test('stop refuses what comes later and fails what could not be sent', async () => {
  const topic = await world.topic();
  const publisher = createPublisher({ client: clientOf('127.0.0.1:1'), requestTimeoutMs: 500 });
  const waiting = publisher.publish([record(topic, 'a', 'never')]);
  const failed = expect(waiting).rejects.toBeInstanceOf(PublishError);
  await publisher.stop({ deadline: new Date(Date.now() + 100) });
  await failed;
  await expect(publisher.publish([record(topic, 'a', 'late')])).rejects.toMatchObject({ kind: 'unavailable' });
});

type Proxy = { port: number; cut(): void; mend(): void; close(): Promise<void> };

/** A TCP proxy before the broker that can refuse service. The client must reach the broker's own address through it. */
async function faultProxy(target: string): Promise<Proxy> {
  const [host = '', port = ''] = (target.split(',')[0] ?? '').split(':');
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((socket) => {
    if (!open) return void socket.destroy();
    const upstream = connect(Number(port), host);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => sockets.delete(from));
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => void (open = true),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The bootstrap address is the proxy's: while it is cut, no producer can connect. */
const clientThrough = (proxy: Proxy) => clientOf(`127.0.0.1:${proxy.port}`);

test('each batch is told of, with its records and the time that its broker took', async () => {
  const topic = await world.topic({ partitions: 1 });
  const batches: { records: number }[] = [];
  const publisher = createPublisher({ client: world.client, onBatch: (batch) => batches.push(batch) });
  await publisher.start();
  await Promise.all([1, 2, 3].map((value) => publisher.publish([record(topic, 'a', String(value))])));
  const large = publisher.publish([record(topic, 'a', 'x'.repeat(5 << 20))]);
  await expect(large).rejects.toMatchObject({ kind: 'too-large' });
  await publisher.stop({ deadline: soon() });
  const [first] = batches;
  expect(first).toEqual({ topic, records: expect.any(Number), seconds: expect.any(Number), result: 'stored' });
  expect(batches.reduce((sum, { records }) => sum + records, 0)).toBe(3);
});
