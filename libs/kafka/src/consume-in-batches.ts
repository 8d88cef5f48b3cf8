import type { EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { createGroupConsumer } from './consumer.ts';
import type { ConsumerLostError } from './errors.ts';
import { pause } from './pause.ts';
import type { Publisher } from './publisher.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord, OutgoingRecord } from './records.ts';

/** Part of a service: starts, stops, says whether it is ready and alive. */
export type BatchConsumer = {
  name: string;
  start(): Promise<void>;
  /** Finishes the batches that run, until `deadline`, and leaves the group. */
  stop(options: { deadline: Date }): Promise<void>;
  ready(): true | string;
  alive(): true | string;
};

/** What one batch leads to: the records to publish, and what to do once they are stored. */
export type BatchPlan = { outgoing: OutgoingRecord[]; stored(): void };

const retryPauseMs = 500;

/**
 * Consumes a topic batch by batch and publishes what `plan` makes of each batch, in order, before the batch's
 * offset is committed: a crash repeats a batch, it never loses one.
 */
export function consumeInBatches(options: {
  client: KafkaClient;
  groupId: string;
  topic: string;
  publisher: Publisher;
  /** Called with the records of one partition, in order. Must not throw. */
  plan(records: ConsumedRecord[]): BatchPlan;
  onFatal(error: ConsumerLostError): void;
}): BatchConsumer {
  const { client, groupId, topic, publisher, plan, onFatal } = options;
  const group = createGroupConsumer({ client, groupId, topic, eachBatch, onAssigned: () => undefined, onFatal });
  let stopping = false;

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat } = payload;
    const stale = () => stopping || !payload.isRunning() || payload.isStale();
    const last = batch.messages.at(-1);
    if (!last || stale()) return;
    const records = batch.messages.map((message) => consumedRecord(topic, batch.partition, message));
    const { outgoing, stored } = plan(records);
    if (!(await publishUntilStored(outgoing, heartbeat, stale))) return;
    stored();
    resolveOffset(last.offset);
    const offset = (BigInt(batch.lastOffset()) + 1n).toString();
    await group.consumer.commitOffsets([{ topic, partition: batch.partition, offset }]);
  }

  async function publishUntilStored(
    outgoing: OutgoingRecord[],
    heartbeat: () => Promise<void>,
    stale: () => boolean,
  ): Promise<boolean> {
    while (!stale()) {
      try {
        await publisher.publish(outgoing);
        return true;
      } catch (error) {
        client.log.warn({ topic, records: outgoing.length, error: String(error) }, 'a batch waits to be published');
        await pause(retryPauseMs);
        await heartbeat();
      }
    }
    return false;
  }

  return {
    name: `consumer of ${topic}`,
    start: group.start,
    stop: ({ deadline }) => {
      stopping = true;
      return group.leave({ deadline });
    },
    ready: group.ready,
    alive: group.alive,
  };
}
