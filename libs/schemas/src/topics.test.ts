import { expect, test } from 'vitest';
import { channelTopicSpec, topicNames, topicTable } from './topics.ts';

const day = 24 * 60 * 60 * 1000;
const mebibyte = 1024 * 1024;

test('the five topics are as documented', () => {
  const rows = topicTable('nicochat').map((topic) => [
    topic.name,
    topic.partitions,
    topic.retentionMs / day,
    topic.maxMessageBytes / mebibyte,
    topic.timestampType,
  ]);
  expect(rows).toEqual([
    ['nicochat.inbound-events.v1', 12, 7, 4, 'CreateTime'],
    ['nicochat.channel-messages.v1', 12, 7, 4, 'CreateTime'],
    ['nicochat.send-commands.v1', 12, 7, 4, 'LogAppendTime'],
    ['nicochat.send-results.v1', 12, 7, 1, 'LogAppendTime'],
    ['nicochat.dead-letters.v1', 12, 30, 5, 'CreateTime'],
  ]);
});

test('a prefix changes every name, and each kind names its own topic', () => {
  const names = topicNames('t-1');
  for (const topic of topicTable('t-1')) expect(topic.name).toBe(names[topic.kind]);
  expect(new Set(Object.values(names)).size).toBe(5);
});

test("results have their commands' partitions and are kept as long", () => {
  const [commands, results] = ['sendCommands', 'sendResults'].map((kind) =>
    topicTable('p').find((topic) => topic.kind === kind),
  );
  expect(results?.partitions).toBe(commands?.partitions);
  expect(results?.retentionMs).toBeGreaterThanOrEqual(commands?.retentionMs ?? Infinity);
});

test("a channel's own topic is like the shared one, under its own name", () => {
  const shared = topicTable('nicochat')[1];
  expect(channelTopicSpec('chat.support.v1')).toEqual({ ...shared, name: 'chat.support.v1' });
});
