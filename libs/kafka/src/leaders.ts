import type { BrokerConnection, ClusterView, TopicView } from './broker-connection.ts';
import type { KafkaClient } from './connect-kafka.ts';
import { createConnections } from './connections.ts';
import { pause } from './pause.ts';

/** What takes longer than this to be told is asked of other brokers as well. */
const patienceMs = 1_000;
/** What is known is asked for again now and then: partitions may have been added. */
const maxAgeMs = 60_000;

/** Which broker leads which partition, and a connection to each. */
export type Leaders = ReturnType<typeof createLeaders>;

export function createLeaders(client: KafkaClient, requestTimeoutMs: number) {
  const connections = createConnections(client, requestTimeoutMs);
  const topics = new Map<string, TopicView | undefined>();
  let brokers: ClusterView['brokers'] = new Map();
  let refreshing: Promise<void> | undefined;
  let refreshedAt = 0;
  let trouble = 'not connected yet';
  /** The broker that answered last. */
  let answering = '';

  async function describe(address: string): Promise<ClusterView> {
    const connection = await connections.to(address);
    const view = topics.size === 0 ? { brokers, topics: new Map() } : await connection.describe([...topics.keys()]);
    answering = address;
    return view;
  }

  function ask(): Promise<ClusterView> {
    const connected = connections.addresses();
    const all = new Set([...connected, ...client.settings.brokers, ...brokers.values()]);
    return firstAnswer(connected, [...all].slice(connected.length), describe);
  }

  function learn(view: ClusterView): void {
    trouble = '';
    refreshedAt = Date.now();
    if (view.topics.size > 0) brokers = view.brokers;
    for (const [name, topic] of view.topics) {
      // A broker that does not know a topic yet, or any more, is no reason to forget it.
      if (topic.leaders.length > 0 || partitionsOf(name) === 0) topics.set(name, topic);
    }
  }

  function fail(error: unknown): never {
    trouble = reasonOf(error);
    throw new Error(trouble, { cause: error });
  }

  /** Asks the brokers anew. Rejects when none answers. */
  function refresh(): Promise<void> {
    refreshing ??= ask()
      .then(learn, fail)
      .finally(() => (refreshing = undefined));
    return refreshing;
  }

  /** The same in the background, once in a while. */
  function refreshWhenOld(): void {
    if (Date.now() - refreshedAt > maxAgeMs) refresh().catch(() => undefined);
  }

  /** How many partitions a topic has; 0 as long as no broker told. */
  function partitionsOf(topic: string): number {
    if (!topics.has(topic)) topics.set(topic, undefined);
    return topics.get(topic)?.leaders.length ?? 0;
  }

  return {
    refresh,
    refreshWhenOld,
    partitionsOf,
    /** Why a topic has no partitions, as far as a broker told. */
    problemOf: (topic: string): string | undefined => topics.get(topic)?.problem,
    leaderOf: ({ topic, partition }: { topic: string; partition: number }): number | undefined =>
      topics.get(topic)?.leaders[partition],
    connect: (leader: number) => connections.to(brokers.get(leader) ?? ''),
    /** To a broker that another one named; without an address, to one that answered. Rejects when none does. */
    async connectTo(address?: string): Promise<BrokerConnection> {
      if (address === undefined && trouble !== '') await refresh();
      return connections.to(address ?? answering);
    },
    /** Its connection is not used again. */
    drop: (leader: number) => connections.forget(brokers.get(leader) ?? ''),
    /** The same, of the broker that `connectTo` leads to: it hangs or is gone, and the next call asks the others. */
    giveUp(address = answering): void {
      connections.forget(address);
      if (address === answering) trouble = `${address} does not answer`;
    },
    /** Why no broker answered the last time; empty when one did. */
    trouble: () => trouble,
    close: connections.closeAll,
  };
}

/** Any of those that are asked may hang: after a while the others are asked as well, and the first answer counts. */
function firstAnswer<T>(some: string[], others: string[], ask: (address: string) => Promise<T>): Promise<T> {
  const patience = new AbortController();
  let isAnswered = false;
  const first = Promise.any(some.map(ask));
  const noted = first.then(() => (isAnswered = true)).catch(() => undefined);
  void noted.finally(() => patience.abort());
  const second = pause(patienceMs, patience.signal).then(() => (isAnswered ? first : Promise.any(others.map(ask))));
  return Promise.any([first, second]);
}

/** The first reason that somebody gave. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).find((reason) => reason !== '') ?? '';
  return error instanceof Error ? error.message : String(error);
}
