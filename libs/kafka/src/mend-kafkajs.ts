import { createRequire } from 'node:module';
import { installQuickProtocols } from './wire/quick-protocols.ts';

type RequestQueue = {
  requestTimeout: number;
  enforceRequestTimeout: boolean;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  inflight: Map<number, { sentAt: number; requestTimeout: number; timeoutRequest(): void }>;
  isConnected(): boolean;
  destroy(): void;
  fulfillRequest(answer: object): void;
  scheduleRequestTimeoutCheck(): void;
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  pending: unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
};

type Place = { topic: string; partition: number };
type OffsetManager = {
  autoCommit: boolean;
  topicConfigurations: Record<string, object>;
  resolvedOffsets: Record<string, Record<number, string>>;
  cluster: { fetchTopicsOffset(of: object[]): Promise<{ partitions: { offset: string }[] }[]> };
  setDefaultOffset(place: Place): Promise<void>;
};
type ConsumerGroup = { offsetManager: object | null; seekOffset: Map<string, string>; joinAndSync(): Promise<void> };

type FetchedMessage = {
  offset: string;
  key: Buffer | null;
  isControlRecord?: boolean;
  batchContext?: { producerId: string; inTransaction: boolean };
};
type FetchedPartition = {
  abortedTransactions?: { producerId: string; firstOffset: string }[] | null;
  messages: FetchedMessage[];
};
type Lookup = (apiKey: unknown, versions: unknown) => (request: unknown) => { request: object; response: object };
type Broker = {
  fetch(request: object): Promise<{ responses: { partitions: FetchedPartition[] }[] }>;
  metadata(topics?: string[]): Promise<unknown>;
  lookupRequest: Lookup;
};

const load = createRequire(import.meta.url);
let mended = false;

/** Mends faults of kafkajs 2.2.4, once per process. */
export function mendKafkajs(): void {
  if (mended) return;
  mended = true;
  installQuickProtocols();
  const queue = (load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }).prototype;
  stopEndlessTimer(queue);
  lookForTimeoutsSeldom(queue);
  forgetAnswers(queue);
  const broker = (load('kafkajs/src/broker') as { prototype: Broker }).prototype;
  hideBrokenOffTransactions(broker);
  leaveOffsetsAlone((load('kafkajs/src/consumer/offsetManager') as { prototype: OffsetManager }).prototype);
  forgetSeeks((load('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup }).prototype);
  listTopicsWithoutLeaders(broker);
}

/**
 * Its request queue re-arms a timer after every check even when nothing waits, which wakes each connection about every
 * millisecond for ever (tulios/kafkajs#1556). Here the timer is armed only while requests wait; a queue that is merely
 * full is checked by every answer that arrives, as kafkajs does itself.
 *
 * The same line computes a delay in the past, which Node 24 reports as a TimeoutNegativeWarning (tulios/kafkajs#1751);
 * with the delay bounded below, there is nothing left to warn about.
 */
function stopEndlessTimer(queue: RequestQueue): void {
  queue.scheduleCheckPendingRequests = function scheduleCheckPendingRequests() {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(10, this.throttledUntil - Date.now()),
    );
  };
}

/**
 * Each connection looks ten times a second for requests that take too long, with nothing under way too: half of what a pod with
 * nothing to do costs. A tenth of the time that they may take is soon enough.
 */
function lookForTimeoutsSeldom(queue: RequestQueue): void {
  queue.scheduleRequestTimeoutCheck = function scheduleRequestTimeoutCheck() {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    const everyMs = Math.min(1_000, Math.max(100, this.requestTimeout / 10));
    this.requestTimeoutIntervalId = setInterval(() => {
      for (const request of this.inflight.values()) {
        if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    }, everyMs);
  };
}

/**
 * A reader of committed records is told by the broker which transactions were broken off. kafkajs takes that list for one
 * in the order of their beginnings, which it is not, enters one of them a record at most, and takes any record whose key
 * is four zero bytes for the end of one: where several writers share a partition it shows what was broken off. Here it is
 * done before kafkajs does it. What is hidden stays in its place, as markers do: offsets are counted by it.
 */
function hideBrokenOffTransactions(broker: Broker): void {
  const { fetch } = broker;
  broker.fetch = async function fetchCommitted(request) {
    const response = await fetch.call(this, request);
    for (const { partitions } of response.responses) partitions.forEach(hideBrokenOff);
    return response;
  };
}

function hideBrokenOff(fetched: FetchedPartition): void {
  if (!fetched.abortedTransactions?.length) return;
  const begins = fetched.abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: BigInt(firstOffset) }))
    .toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  fetched.abortedTransactions = [];
  const open = new Set<string>();
  for (const message of fetched.messages) {
    const { producerId = '', inTransaction } = message.batchContext ?? {};
    for (; begins[0] && begins[0].firstOffset <= BigInt(message.offset); begins.shift()) open.add(begins[0].producerId);
    // A marker that commits ends an earlier transaction of the same writer, never one of these.
    if (message.isControlRecord) open.delete(producerId);
    else if (inTransaction && open.has(producerId)) message.isControlRecord = true;
  }
}

/**
 * Asked for all topics, as it is for their names and before each first transaction, it fails when any partition of any
 * topic in the cluster has no leader for the moment. Who asks for all of them needs no leader. Asked for certain ones it
 * fails as before.
 */
function listTopicsWithoutLeaders(broker: Broker): void {
  const { metadata } = broker;
  broker.metadata = function metadataOf(topics = []) {
    if (topics.length > 0) return metadata.call(this, topics);
    const lookupRequest: Lookup = (apiKey, versions) => (request) => {
      const protocol = this.lookupRequest(apiKey, versions)(request);
      return { ...protocol, response: { ...protocol.response, parse: (data: unknown) => data } };
    };
    return metadata.call(Object.create(this, { lookupRequest: { value: lookupRequest } }) as Broker, topics);
  };
}

/**
 * Where a fetch is out of a partition's range, it commits the beginning or the end for the whole group, also for who said that
 * it commits by itself. Here such a consumer only goes on from there.
 */
function leaveOffsetsAlone(manager: OffsetManager): void {
  const { setDefaultOffset } = manager;
  manager.setDefaultOffset = async function setDefaultPosition({ topic, partition }) {
    if (this.autoCommit) return setDefaultOffset.call(this, { topic, partition });
    const wanted = { topic, partitions: [{ partition }], ...this.topicConfigurations[topic] };
    const [found] = await this.cluster.fetchTopicsOffset([wanted]);
    const offset = found?.partitions[0]?.offset;
    if (offset !== undefined) (this.resolvedOffsets[topic] ??= {})[partition] = offset;
  };
}

/** Where a partition was to be gone on with is kept over a rebalance: days later, when it comes back, it is put there. */
function forgetSeeks(group: ConsumerGroup): void {
  const { joinAndSync } = group;
  group.joinAndSync = function joinAnew() {
    // Before it joins for the first time it may be told where to begin.
    if (this.offsetManager) this.seekOffset.clear();
    return joinAndSync.call(this);
  };
}

/** Its map of what is under way lives as long as the connection, and would keep answers in memory: see `PassingSet`. */
function forgetAnswers(queue: RequestQueue): void {
  const { fulfillRequest } = queue;
  queue.fulfillRequest = function fulfillAndForget(answer) {
    fulfillRequest.call(this, answer);
    if (this.inflight.size === 0) this.inflight = new Map();
  };
}
