import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaClient, OutgoingRecord } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';

/** What becomes of one request after `ms`: `late` fails as `answer-lost` does, and the records are stored a while after. */
export type Behaviour = { ms?: number; end?: 'acknowledged' | 'answer-lost' | 'refused' | 'late' };

const { inboundEvents } = topicNames('test');

type Connection = Awaited<ReturnType<KafkaClient['connectBroker']>>;
type Batch = Parameters<Connection['produce']>[0][number];
type Outcome = Awaited<ReturnType<Connection['produce']>>[number];

const refusal: Outcome = { kind: 'refused', error: new Error('refused'), passes: false };

/** A broker with a will: each request is done as `next` says, and `stored` has what it stored, in order. */
export function fakeBroker({ maxRecordBytes = 4 << 20 } = {}) {
  const stored: OutgoingRecord[] = [];
  const broker = {
    stored,
    isReachable: true,
    topics: [inboundEvents],
    /** Topics that take nothing for now. */
    refusing: [] as string[],
    requests: 0,
    next: (): Behaviour => ({}),
    client,
  };

  async function connect(): Promise<void> {
    if (!broker.isReachable) throw new Error('connect ECONNREFUSED');
  }

  async function connectBroker(): Promise<Connection> {
    await connect();
    return { isOpen: () => broker.isReachable, describe, produce, ask: async () => undefined, close: async () => {} };
  }

  async function describe(names: string[]): ReturnType<Connection['describe']> {
    await connect();
    const viewOf = (name: string) =>
      broker.topics.includes(name)
        ? { leaders: Array<number>(12).fill(1), problem: '' }
        : { leaders: [], problem: 'there is no such topic' };
    return { brokers: new Map([[1, 'fake:1']]), topics: new Map(names.map((name) => [name, viewOf(name)])) };
  }

  async function produce(batches: Batch[]): Promise<Outcome[]> {
    const { ms = 0, end = 'acknowledged' } = broker.next();
    broker.requests += 1;
    if (ms > 0) await pause(ms);
    await connect();
    if (end === 'refused') return batches.map(() => refusal);
    const outcomes = batches.map(({ topic, records }): Outcome => {
      const isLarge = ({ value }: OutgoingRecord) => topic === inboundEvents && (value?.length ?? 0) > maxRecordBytes;
      if (broker.refusing.includes(topic)) return refusal;
      if (records.some(isLarge)) return { kind: 'too-large', error: new Error('too large') };
      if (end === 'late') setTimeout(() => stored.push(...records), ms);
      else stored.push(...records);
      return { kind: 'stored', baseOffset: BigInt(stored.length) };
    });
    if (end !== 'acknowledged') throw new Error('the connection was lost');
    return outcomes;
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
    const kafka = { admin: () => admin };
    return { settings, log, open: () => kafka as unknown as ReturnType<KafkaClient['open']>, connectBroker };
  }
  return broker;
}
