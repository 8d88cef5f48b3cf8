import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { BrokerUnreachableError, ConsumerLostError } from './errors.ts';
import { createMembership } from './membership.ts';
import type { Membership } from './membership.ts';
import { partitionAssigner } from './partition-assigner.ts';
import { endsBefore, pause } from './pause.ts';
import { createProgressWatch } from './progress-watch.ts';
import { createRestartPauses } from './restart-pauses.ts';

/**
 * kafkajs can stop without a word. Longer than any single step takes until it gives up, the opening of a transactional
 * writer included, also while no broker answers: a restart mends nothing then.
 */
const silenceMs = 300_000;
const sessionMs = 30_000;

export type GroupConsumer = {
  consumer: Consumer;
  membership: Membership;
  start(): Promise<void>;
  /** Leaves the group. A handler that still runs is not waited for beyond `deadline`. */
  leave(options: { deadline: Date }): Promise<void>;
  ready(): true | string;
  alive(): true | string;
};

/**
 * One member of a consumer group, with offsets committed by hand. kafkajs stops for good on errors it
 * holds for final, while the process lives on: that is reported to `onFatal`.
 */
export function createGroupConsumer(options: {
  client: KafkaClient;
  groupId: string;
  /** Of equal partition counts: partition p of all of them goes to the same member. */
  topics: [string, ...string[]];
  /** Of one answer of a broker, of which all is in memory at once; 12 MiB unless told. */
  maxFetchBytes?: number;
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** Awaited before every request to join: the last moment to commit as a member. Must end in less than 25 s. */
  beforeJoin?(): Promise<void>;
  /** After every join: the partitions that are this member's now. */
  onAssigned(partitions: number[]): void;
  /** The member is none any more, whether it will start again or not. Called again before it does. */
  onCrash?(): void;
  onFatal(error: ConsumerLostError): void;
}): GroupConsumer {
  const { client, groupId, topics, eachBatch, beforeJoin = async () => {}, onAssigned, onFatal } = options;
  const { maxFetchBytes = 12 << 20 } = options;
  const [topic] = topics;
  const membership = createMembership({ sessionMs });
  const leaving = new AbortController();
  const pauseMs = createRestartPauses(() => performance.now());
  const consumer = client.open().consumer({
    groupId,
    sessionTimeout: sessionMs,
    rebalanceTimeout: sessionMs,
    heartbeatInterval: 3_000,
    maxWaitTimeInMs: 500,
    // Not below the batches that the bridge writes (512 KiB). A larger record comes when its partition is the first of a
    // request, which kafkajs shuffles.
    maxBytesPerPartition: 1 << 20,
    maxBytes: maxFetchBytes,
    partitionAssigners: [partitionAssigner({ beforeJoin, membership })],
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    retry: { restartOnFailure },
  });
  let trouble: string = 'has not joined the group yet';
  let lost: string | undefined;
  const watch = createProgressWatch(() => performance.now());
  // A paused consumer, and one without partitions, begin their fetches all the same.
  const { FETCH_START, GROUP_JOIN, CONNECT, CRASH } = consumer.events;
  for (const sign of [FETCH_START, GROUP_JOIN, CONNECT, CRASH]) consumer.on(sign, watch.sign);

  /** kafkajs itself starts anew after a tenth of a second, for as long as a topic is gone: ten rebalances a second. */
  async function restartOnFailure({ message }: Error): Promise<boolean> {
    trouble = message;
    options.onCrash?.();
    await pause(pauseMs(), leaving.signal);
    return !leaving.signal.aborted;
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    trouble = '';
    client.log.info({ groupId, topic, partitions: payload.memberAssignment[topic] ?? [] }, 'joined the group');
    onAssigned(payload.memberAssignment[topic] ?? []);
  });
  consumer.on(consumer.events.REBALANCING, () => {
    trouble = 'the group is rebalancing';
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    trouble = payload.error.message;
    options.onCrash?.();
    client.log.error({ groupId, topic, error: trouble, restart: payload.restart }, 'the consumer crashed');
    if (payload.restart || leaving.signal.aborted) return;
    lost = trouble;
    onFatal(new ConsumerLostError(`consumer of ${topic} in group ${groupId} is lost: ${trouble}`));
  });

  async function start(): Promise<void> {
    try {
      await consumer.connect();
      await consumer.subscribe({ topics, fromBeginning: true });
    } catch (error) {
      throw new BrokerUnreachableError(`the consumer of ${topic} cannot connect: ${String(error)}`, { cause: error });
    }
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 32,
      eachBatch: (payload) =>
        watch.during((step) => eachBatch({ ...payload, resolveOffset: resolving(payload, step) })),
    });
  }

  return {
    consumer,
    membership,
    start,
    leave: async ({ deadline }) => {
      leaving.abort();
      if (!(await endsBefore(deadline, consumer.disconnect()))) {
        client.log.warn({ groupId, topic }, 'left without waiting for the handler that still runs');
      }
    },
    ready: () => trouble === '' || trouble,
    alive: () => {
      if (lost !== undefined) return lost;
      const silentMs = watch.silentMs();
      return silentMs < silenceMs || `the consumer has done nothing for ${Math.round(silentMs / 1_000)} s`;
    },
  };
}

/** Each record that a handler is done with is a step on. */
function resolving({ resolveOffset }: EachBatchPayload, step: () => void): EachBatchPayload['resolveOffset'] {
  return (offset) => {
    resolveOffset(offset);
    step();
  };
}
