import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { ConsumerLostError } from './errors.ts';
import { endsBefore } from './pause.ts';

export type GroupConsumer = {
  consumer: Consumer;
  start(): Promise<void>;
  /** Leaves the group. A handler that still runs is not waited for beyond `deadline`. */
  leave(options: { deadline: Date }): Promise<void>;
  ready(): true | string;
  alive(): true | string;
};

/**
 * One member of a consumer group on one topic, with offsets committed by hand. kafkajs stops for good on errors it
 * holds for final, while the process lives on: that is reported to `onFatal`.
 */
export function createGroupConsumer(options: {
  client: KafkaClient;
  groupId: string;
  topic: string;
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** After every join: the partitions of the topic that are this member's now. */
  onAssigned(partitions: number[]): void;
  onFatal(error: ConsumerLostError): void;
}): GroupConsumer {
  const { client, groupId, topic, eachBatch, onAssigned, onFatal } = options;
  const consumer = client.open().consumer({
    groupId,
    sessionTimeout: 30_000,
    rebalanceTimeout: 30_000,
    heartbeatInterval: 3_000,
    maxWaitTimeInMs: 500,
    // Above the largest record that the topics take: a smaller value could never read it.
    maxBytesPerPartition: 5 << 20,
    maxBytes: 32 << 20,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
  });
  let trouble: string = 'has not joined the group yet';
  let lost: string | undefined;

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
    client.log.error({ groupId, topic, error: trouble, restart: payload.restart }, 'the consumer crashed');
    if (payload.restart) return;
    lost = trouble;
    onFatal(new ConsumerLostError(`consumer of ${topic} in group ${groupId} is lost: ${trouble}`));
  });

  async function start(): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 32,
      eachBatch,
    });
  }

  return {
    consumer,
    start,
    leave: async ({ deadline }) => {
      if (!(await endsBefore(deadline, consumer.disconnect()))) {
        client.log.warn({ groupId, topic }, 'left without waiting for the handler that still runs');
      }
    },
    ready: () => trouble === '' || trouble,
    alive: () => lost === undefined || lost,
  };
}
