import { expect, test } from 'vitest';
import { BrokerUnreachableError, TopicError } from './errors.ts';
import { kafkaWorld, silent, topicSettings } from './testing/world.ts';
import { checkTopics, createTopics, partitionCounts, untilBrokerAnswers, waitForTopics } from './topics.ts';
import { connectKafka } from './connect-kafka.ts';

const world = kafkaWorld();

test('a topic as asked has no drift; another setting is named with both values', async () => {
  const name = await world.topic();
  expect(await checkTopics(world.client, [topicSettings(name)])).toEqual([]);
  const asked = topicSettings(name, { partitions: 8, timestampType: 'LogAppendTime', retentionMs: 900_000 });
  expect(await checkTopics(world.client, [asked])).toEqual([
    { topic: name, setting: 'retention.ms', expected: '900000', found: '600000' },
    { topic: name, setting: 'message.timestamp.type', expected: 'LogAppendTime', found: 'CreateTime' },
    { topic: name, setting: 'partitions', expected: '8', found: '4' },
  ]);
});

test('fewer copies than asked are a drift, and as few in sync; more are none', async () => {
  const name = await world.topic();
  const check = (replication: number, minInsync: number) =>
    checkTopics(world.client, [topicSettings(name)], { replication, minInsync });
  expect(await check(3, 2)).toEqual([
    { topic: name, setting: 'replication.factor', expected: '3', found: '1' },
    { topic: name, setting: 'min.insync.replicas', expected: '2', found: '1' },
  ]);
  expect(await check(1, 1)).toEqual([]);
  expect(await check(1, 0)).toEqual([]);
});

test('topics made side by side are known to the broker once the calls return', async () => {
  const names = await Promise.all(Array.from({ length: 8 }, () => world.topic({ partitions: 12 })));
  const expected = new Map(names.map((name) => [name, 12]));
  await expect(partitionCounts(world.client, names)).resolves.toEqual(expected);
});

test('creating again leaves what exists as it is', async () => {
  const name = await world.topic();
  const again = topicSettings(name, { partitions: 8 });
  expect(await createTopics(world.client, [again], { replication: 1, minInsync: 1 })).toEqual([]);
  expect(await checkTopics(world.client, [topicSettings(name)])).toEqual([]);
});

test('a missing topic is named with what to do', async () => {
  const name = await world.topic();
  await expect(waitForTopics(world.client, [name])).resolves.toEqual(new Map([[name, 4]]));
  await expect(waitForTopics(world.client, [name, 'not-there'])).rejects.toThrow(TopicError);
  await expect(waitForTopics(world.client, [name, 'not-there'])).rejects.toThrow(/not-there.*topics create/);
});

test('a broker that does not answer ends the wait with the address and exit code 69', async () => {
  const settings = { brokers: ['127.0.0.1:1'], topicPrefix: 'test', startupTimeoutMs: 200 };
  const client = connectKafka({ settings, clientId: 'test', log: silent });
  const failure = await waitForTopics(client, ['any']).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(BrokerUnreachableError);
  expect(failure).toMatchObject({ exitCode: 69 });
  expect(String(failure)).toContain('127.0.0.1:1');
});

test('a question that no broker could answer is asked again; an answer that names a topic is final', async () => {
  const answers = [new Error('Connection error'), new Error('Request timed out'), 'there'];
  const ask = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  await expect(untilBrokerAnswers(world.client, ask)).resolves.toBe('there');
  answers.push(new TopicError('too small'), 'never asked for');
  await expect(untilBrokerAnswers(world.client, ask)).rejects.toThrow('too small');
  expect(answers).toEqual(['never asked for']);
});
