import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaClient, OutgoingRecord } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';

/** What becomes of one request after `ms`: `late` fails as `refused` does, and the records are stored a while after. */
export type Behaviour = { ms?: number; end?: 'acknowledged' | 'answer-lost' | 'refused' | 'late' };

const { inboundEvents } = topicNames('test');

type TopicMessages = { topic: string; messages: Omit<OutgoingRecord, 'topic'>[] }[];

/** A broker with a will: each request is done as `next` says, and `stored` has what it stored, in order. */
export function fakeBroker({ maxRecordBytes = 4 << 20 } = {}) {
  const stored: OutgoingRecord[] = [];
  const broker = {
    stored,
    isReachable: true,
    topics: [inboundEvents],
    requests: 0,
    next: (): Behaviour => ({}),
    client,
  };

  async function connect(): Promise<void> {
    if (!broker.isReachable) throw new Error('connect ECONNREFUSED');
  }

  async function sendBatch({ topicMessages }: { topicMessages: TopicMessages }): Promise<object[]> {
    const { ms = 0, end = 'acknowledged' } = broker.next();
    broker.requests += 1;
    if (ms > 0) await pause(ms);
    if (!broker.isReachable) throw new Error('connect ECONNREFUSED');
    const records = topicMessages.flatMap(({ topic, messages }) => messages.map((message) => ({ ...message, topic })));
    const unknown = records.find(({ topic }) => !broker.topics.includes(topic));
    if (unknown) throw new Error(`there is no ${unknown.topic}`);
    const isLarge = ({ topic, value }: OutgoingRecord) =>
      topic === inboundEvents && (value?.length ?? 0) > maxRecordBytes;
    if (records.some(isLarge)) throw Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
    if (end === 'late') setTimeout(() => stored.push(...records), ms);
    if (end === 'acknowledged' || end === 'answer-lost') stored.push(...records);
    if (end !== 'acknowledged') throw new Error('the connection was lost');
    // No partition is chosen here: those that send take a message without one for -1.
    return topicMessages.map(({ topic }) => ({ topicName: topic, partition: -1, baseOffset: String(stored.length) }));
  }

  function client(): KafkaClient {
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const settings = { brokers: ['fake:1'], topicPrefix: 'test', startupTimeoutMs: 100 };
    const disconnect = async () => {};
    const admin = {
      connect,
      disconnect,
      listTopics: async () => broker.topics,
      fetchTopicMetadata: async () => ({ topics: broker.topics.map((name) => ({ name, partitions: Array(12) })) }),
    };
    const kafka = { producer: () => ({ connect, disconnect, sendBatch }), admin: () => admin };
    return { settings, log, open: () => kafka as unknown as ReturnType<KafkaClient['open']> };
  }
  return broker;
}
