import type { EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { createGroupConsumer } from './consumer.ts';
import type { ConsumerLostError } from './errors.ts';
import { createPartitionProgress } from './partition-progress.ts';
import type { PartitionProgress } from './partition-progress.ts';
import { recallFrom } from './recall-from.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord } from './records.ts';
import { storePlanned } from './store-planned.ts';
import type { OwnedPartition, PlanRecords, TransactionOutcome } from './store-planned.ts';
import { transactionsOf } from './transactions-of.ts';
import { openTransactionalWriter } from './transactional-writer.ts';
import type { TransactionalWriter } from './transactional-writer.ts';

/** Part of a service: starts, stops, says whether it is ready and alive. */
export type TransactionalConsumer = {
  name: string;
  start(): Promise<void>;
  /** Finishes the transactions that run, until `deadline`, and leaves the group. */
  stop(options: { deadline: Date }): Promise<void>;
  ready(): true | string;
  alive(): true | string;
  /** Of each assigned partition. */
  progress(): Map<number, PartitionProgress>;
};

const retryPauseMs = 1_000;

/**
 * Consumes a topic and publishes what `plan` makes of it exactly once, for readers of committed records: the output and
 * the offsets are one transaction. Each input partition has a writer of its own, so that a member that lost the
 * partition, even one that slept and does not know, can commit nothing more.
 */
export function consumeInTransactions(options: {
  client: KafkaClient;
  groupId: string;
  topic: string;
  plan: PlanRecords;
  /** What was remembered of a partition counts no more: it is another's now, or is recalled anew. */
  forget(partition: number): void;
  /**
   * Called when a partition was taken over, in order, with records that were committed before: those of the last `recallMs`, and the
   * 5,000 before them. Must not throw.
   */
  recall(record: ConsumedRecord): void;
  recallMs: number;
  /** Told of each transaction with records in it. Must not throw. */
  onTransaction?(outcome: TransactionOutcome): void;
  onFatal(error: ConsumerLostError): void;
}): TransactionalConsumer {
  const { client, groupId, topic, plan, forget, recall, recallMs, onTransaction, onFatal } = options;
  const owned = new Map<number, OwnedPartition>();
  const progress = createPartitionProgress();
  const group = createGroupConsumer({ client, groupId, topics: [topic], eachBatch, onAssigned, onFatal });
  let stopping = false;

  /** What stays this member's is taken over again, but recalled only if another went on with it meanwhile. */
  function onAssigned(partitions: number[]): void {
    for (const [partition, { writer, ...kept }] of owned) {
      void writer?.close();
      if (partitions.includes(partition)) {
        owned.set(partition, { ...kept, writer: undefined });
      } else {
        owned.delete(partition);
        forget(partition);
      }
    }
    progress.assign(partitions);
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { partition, messages } = payload.batch;
    if (stopping || messages.length === 0) return;
    progress.fetched(payload.batch);
    let lost: { error: unknown } | undefined;
    const heartbeat = () =>
      payload.heartbeat().catch((error: unknown) => {
        lost = { error };
        throw error;
      });
    const owner = owned.get(partition);
    try {
      if (owner?.writer) await handle(owner, { ...payload, heartbeat });
      else await takeOver({ ...payload, heartbeat });
    } catch (error) {
      const { writer } = owner ?? {};
      if (owner) owner.writer = undefined;
      void writer?.close();
      // kafkajs must see what its group says: it joins again.
      if (lost) throw lost.error;
      client.log.warn(
        { topic, partition, error: String(error) },
        'a transaction failed; the partition is taken over anew',
      );
      // Not by sleeping here: what was fetched with this batch, of other partitions, would wait as well.
      setTimeout(payload.pause(), retryPauseMs).unref();
    }
  }

  function open(partition: number): Promise<TransactionalWriter> {
    const transactionalId = `${groupId}-${partition}`;
    return openTransactionalWriter({ client, transactionalId, groupId, topic, partition });
  }

  /** What was fetched before the partition was ours is dropped: it may be committed already. */
  async function takeOver({ batch, heartbeat }: EachBatchPayload): Promise<void> {
    const { partition } = batch;
    // Whoever is no member any more must not fence the one that is.
    await heartbeat();
    const before = owned.get(partition);
    const writer = await open(partition);
    const { from } = writer;
    const remembers = before?.recalled === true && before.next === from;
    const since = Number(batch.messages[0]?.timestamp) - recallMs;
    const offset = remembers ? from : await beginningOfRecall(writer, { topic, partition, next: from, since });
    owned.set(partition, { writer, next: from, recalled: remembers });
    if (!remembers) forget(partition);
    group.consumer.seek({ topic, partition, offset: offset.toString() });
  }

  async function beginningOfRecall(
    writer: TransactionalWriter,
    of: Parameters<typeof recallFrom>[1],
  ): ReturnType<typeof recallFrom> {
    try {
      return await recallFrom(client, of);
    } catch (error) {
      void writer.close();
      throw error;
    }
  }

  async function handle(owner: OwnedPartition, payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat } = payload;
    const { partition } = batch;
    const stale = () => stopping || !payload.isRunning() || payload.isStale() || owned.get(partition) !== owner;
    const passed = async (offset: string) => {
      resolveOffset(offset);
      progress.moved(partition, Number(owner.next));
      await heartbeat();
    };
    const context = { owner, plan, open: () => open(partition), stale, heartbeat, onTransaction, passed };
    const records = batch.messages.map((message) => consumedRecord(topic, partition, message));
    for (const part of transactionsOf(records, owner.next)) {
      const last = part.records.at(-1);
      if (!last || stale()) return;
      if (part.recalled) {
        part.records.forEach(recall);
        await passed(last.offset);
      } else {
        owner.recalled = true;
        await storePlanned(part.records, context);
      }
    }
  }

  return {
    name: `consumer of ${topic}`,
    start: group.start,
    async stop({ deadline }) {
      stopping = true;
      await group.leave({ deadline });
      onAssigned([]);
    },
    ready: group.ready,
    alive: group.alive,
    progress: progress.read,
  };
}
