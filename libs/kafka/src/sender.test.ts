import { expect, onTestFinished, test, vi } from 'vitest';
import type { BrokerConnection, ProduceBatch, ProduceOutcome } from './broker-connection.ts';
import { createPublisher } from './publisher.ts';
import { clientOf } from './testing/world.ts';

type Outcomes = Record<number, ProduceOutcome>;

/** What a request holds, by partition; it stays unanswered until the test answers. What is not named was stored. */
type Request = { broker: string; values: Record<number, string[]>; answer(outcomes?: Outcomes): void };

const refusal = (passes: boolean): ProduceOutcome => ({ kind: 'refused', error: new Error('refused'), passes });
const large = (letter: string) => letter.repeat(600);

/** Two brokers; the first leads the even partitions of the topic `t`, the second the odd ones. */
function start({ isKnown = (): boolean => true } = {}) {
  const requests: Request[] = [];
  let taken = 0;

  const viewOf = (topic: string) =>
    topic === 't' && isKnown() ? { leaders: [1, 2, 1, 2], problem: '' } : { leaders: [], problem: 'no such topic' };
  const describe = async (topics: string[]) => ({
    brokers: new Map([1, 2].map((id) => [id, `broker-${id}`])),
    topics: new Map(topics.map((topic) => [topic, viewOf(topic)])),
  });

  async function connectBroker(broker: string): Promise<BrokerConnection> {
    const produce = (batches: ProduceBatch[]) => {
      const { promise, resolve } = Promise.withResolvers<ProduceOutcome[]>();
      const valuesOf = ({ records }: ProduceBatch) => records.map(({ value }) => String(value));
      const answer = (outcomes: Outcomes = {}) =>
        resolve(batches.map(({ partition }) => outcomes[partition] ?? { kind: 'stored', baseOffset: 7n }));
      const values = Object.fromEntries(batches.map((batch) => [batch.partition, valuesOf(batch)]));
      requests.push({ broker, values, answer });
      return promise;
    };
    return { isOpen: () => true, describe, produce, ask: async () => undefined, close: async () => {} };
  }

  async function next(): Promise<Request> {
    await vi.waitUntil(() => requests.length > taken, { timeout: 10_000, interval: 5 });
    taken += 1;
    return requests[taken - 1] as Request;
  }

  const publisher = createPublisher({ client: { ...clientOf('broker-1'), connectBroker }, maxBatchBytes: 1_000 });
  onTestFinished(() => publisher.stop({ deadline: new Date() }));
  type Options = { topic?: string; partition?: number; signal?: AbortSignal; deadline?: Date };
  const publish = (value: string, { topic = 't', partition = 0, ...limits }: Options = {}) =>
    publisher.publish([{ topic, partition, key: null, value, headers: {} }], limits);
  return { publish, next, requests };
}

test('what comes while a request is in flight is the next one, with a batch of each partition that its broker leads', async () => {
  const { publish, next, requests } = start();
  const calls = [publish('a')];
  const first = await next();
  expect(first).toMatchObject({ broker: 'broker-1', values: { 0: ['a'] } });
  calls.push(publish('b'), publish('c', { partition: 2 }), publish('d'), publish('e', { partition: 1 }));
  const other = await next();
  expect(other).toMatchObject({ broker: 'broker-2', values: { 1: ['e'] } });
  other.answer();
  await calls[4];
  expect(requests).toHaveLength(2);
  first.answer();
  const second = await next();
  expect(second).toMatchObject({ broker: 'broker-1', values: { 0: ['b', 'd'], 2: ['c'] } });
  second.answer();
  const place = (partition: number, offset: string) => [{ topic: 't', partition, offset }];
  expect(await Promise.all(calls)).toEqual([place(0, '7'), place(0, '7'), place(2, '7'), place(0, '8'), place(1, '7')]);
});

test('a batch is bounded for each partition by itself', async () => {
  const { publish, next } = start();
  const calls = ['a', 'b', 'c'].map((letter) => publish(large(letter)));
  calls.push(publish(large('d'), { partition: 2 }));
  const first = await next();
  expect(first.values).toEqual({ 0: [large('a')], 2: [large('d')] });
  first.answer();
  for (const letter of ['b', 'c']) {
    const request = await next();
    expect(request.values).toEqual({ 0: [large(letter)] });
    request.answer();
  }
  await Promise.all(calls);
});

test('only the partition that was refused is sent again, without what nobody waits for any more, and before what came later', async () => {
  const { publish, next } = start();
  const withdrawal = new AbortController();
  const kept = publish('kept');
  const withdrawn = publish('withdrawn', { signal: withdrawal.signal });
  const neighbour = publish('neighbour', { partition: 2 });
  const first = await next();
  expect(first.values).toEqual({ 0: ['kept', 'withdrawn'], 2: ['neighbour'] });
  const later = publish('later');
  withdrawal.abort();
  first.answer({ 0: refusal(true) });
  await expect(withdrawn).rejects.toThrow('withdrawn');
  await neighbour;
  for (const values of [['kept'], ['later']]) {
    const request = await next();
    expect(request.values).toEqual({ 0: values });
    request.answer();
  }
  await Promise.all([kept, later]);
});

test('whoever withdraws a call because an earlier one failed is in time, also when nobody noticed how late it was', async () => {
  const { publish, next, requests } = start();
  const first = publish('first');
  const request = await next();
  const deadline = new Date(Date.now() + 50);
  const withdrawal = new AbortController();
  const withdraw = async () => {
    for (let count = 0; count < 20; count += 1) await Promise.resolve();
    withdrawal.abort();
  };
  const late = publish('late', { deadline }).catch(withdraw);
  const withdrawn = publish('withdrawn', { signal: withdrawal.signal });
  request.answer();
  while (Date.now() < deadline.getTime());
  await expect(withdrawn).rejects.toThrow('withdrawn');
  await Promise.all([first, late]);
  const last = publish('last');
  (await next()).answer();
  await last;
  expect(requests.map(({ values }) => values)).toEqual([{ 0: ['first'] }, { 0: ['last'] }]);
});

test('a refusal that stays fails the calls of that batch, and no others', async () => {
  const { publish, next } = start();
  const calls = [publish('bad'), publish('good', { partition: 2 })];
  (await next()).answer({ 0: refusal(false) });
  const results = await Promise.allSettled(calls);
  expect(results).toMatchObject([{ status: 'rejected', reason: { kind: 'unavailable' } }, { status: 'fulfilled' }]);
  const passing = publish('never');
  for (let attempt = 1; attempt <= 4; attempt += 1) (await next()).answer({ 0: refusal(true) });
  await expect(passing).rejects.toMatchObject({ name: 'PublishError', kind: 'unavailable', message: 'refused' });
});

test('what waits until a topic is known is sent in its order', async () => {
  let isKnown = false;
  const { publish, next } = start({ isKnown: () => isKnown });
  const calls = ['a', 'b'].map((value) => publish(value));
  setTimeout(() => (isKnown = true), 150);
  const request = await next();
  expect(request.values).toEqual({ 0: ['a', 'b'] });
  request.answer();
  await Promise.all(calls);
});

test('a topic or partition that does not exist fails the call, which says so', async () => {
  const { publish, next } = start();
  await expect(publish('a', { topic: 'u' })).rejects.toThrow('u: no such topic');
  await expect(publish('a', { partition: 4 })).rejects.toThrow('t has no partition 4');
  const good = publish('a');
  (await next()).answer();
  await good;
});
