import { randomUUID } from 'node:crypto';
import type { EachBatchPayload } from 'kafkajs';
import { typeOf } from './broker-connection.ts';
import type { KafkaClient } from './connect-kafka.ts';
import { createGroupConsumer } from './consumer.ts';
import type { ConsumerLostError } from './errors.ts';
import { createGroupCommit } from './group-commit.ts';
import { createPartitionProgress } from './partition-progress.ts';
import type { PartitionProgress } from './partition-progress.ts';
import { endsBefore } from './pause.ts';
import { recallFrom } from './recall-from.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord } from './records.ts';
import type { OwnedPartition, PlanRecords, TransactionOutcome } from './store-planned.ts';
import { transactionsOf } from './transactions-of.ts';
import { createWriterHolder } from './writer-holder.ts';
import type { GroupMember } from './wire/group-offsets.ts';

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
const forgotten =
  'Kafka has forgotten the end of a transaction: the partition is gone on with from what was committed before, which may double what it held. It is so after each start until you end it by kafka-transactions.sh, find-hanging and abort';
const isUnstable = (error: unknown) => typeOf(error) === 'UNSTABLE_OFFSET_COMMIT';

/**
 * Consumes a topic and publishes what `plan` makes of it exactly once, for readers of committed records: the output and
 * the offsets are one transaction, of all partitions that have something just then. The group takes the offsets only from
 * the member that has the partitions, in its present generation: one that lost them, even one that slept and does not
 * know, can commit nothing more.
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
  /** So long Kafka may take to end what a process left open, before it counts as forgotten: a minute unless told. */
  forgottenAfterMs?: number;
  /** Told of each transaction with records in it. Must not throw. */
  onTransaction?(outcome: TransactionOutcome): void;
  onFatal(error: ConsumerLostError): void;
}): TransactionalConsumer {
  const { client, groupId, topic, plan, forget, recall, recallMs, onTransaction, onFatal } = options;
  const { forgottenAfterMs = 60_000 } = options;
  const owned = new Map<number, OwnedPartition>();
  const progress = createPartitionProgress();
  const group = createGroupConsumer({ client, groupId, topics: [topic], eachBatch, onAssigned, onFatal });
  const instance = randomUUID();
  const commit = createGroupCommit({
    plan,
    onTransaction,
    openWriter: (...own) => createWriterHolder({ client, name: [groupId, instance, ...own].join('-'), groupId, topic }),
  });
  /** Since when it is waited, on a clock that never goes back, for the end of a transaction that may still move a partition. */
  const unstableSince = new Map<number, number>();
  let member: GroupMember | undefined;
  let stopping = false;

  /** What stays this member's is taken over again, but recalled only if another went on with it meanwhile. */
  function onAssigned(partitions: number[]): void {
    member = group.membership.member;
    unstableSince.clear();
    for (const [partition, kept] of owned) {
      if (partitions.includes(partition)) {
        owned.set(partition, { ...kept, isInDoubt: true });
      } else {
        owned.delete(partition);
        commit.forget(partition);
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
      if (owner?.isInDoubt === false) await handle(owner, { ...payload, heartbeat });
      else await takeOver(payload.batch);
    } catch (error) {
      if (owner) owner.isInDoubt = true;
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

  /** What was fetched before the partition was ours is dropped: it may be committed already. */
  async function takeOver({ partition, messages }: EachBatchPayload['batch']): Promise<void> {
    const before = owned.get(partition);
    const taker = member;
    if (!taker) return;
    const next = await firstOpen(partition);
    const remembers = before?.recalled === true && before.next === next;
    const since = Number(messages[0]?.timestamp) - recallMs;
    const offset = remembers ? next : await recallFrom(client, { topic, partition, next, since });
    // Another generation has begun meanwhile.
    if (taker !== member) return;
    owned.set(partition, { partition, member: taker, next, recalled: remembers, isInDoubt: false });
    if (!remembers) forget(partition);
    group.consumer.seek({ topic, partition, offset: offset.toString() });
  }

  /**
   * Kafka ends each transaction of a router after 25 s, unless it forgets to: it takes a partition that has no leader just then
   * for deleted, also that of the group's offsets, and nobody would ever go on.
   */
  async function firstOpen(partition: number): Promise<bigint> {
    const since = unstableSince.get(partition) ?? performance.now();
    unstableSince.delete(partition);
    try {
      return await commit.firstOpen(partition);
    } catch (error) {
      if (!isUnstable(error)) throw error;
      unstableSince.set(partition, since);
      if (performance.now() - since < forgottenAfterMs) {
        throw new Error('a transaction of a process that died, or was cut off, is still open', { cause: error });
      }
    }
    client.log.warn({ topic, partition }, forgotten);
    return commit.firstOpen(partition, { evenIfUnstable: true });
  }

  async function handle(owner: OwnedPartition, payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat } = payload;
    const { partition } = batch;
    const stale = () => stopping || !payload.isRunning() || payload.isStale() || owned.get(partition) !== owner;
    const passed = async (records: ConsumedRecord[]) => {
      resolveOffset(records.at(-1)?.offset ?? '');
      progress.moved(partition, Number(owner.next));
      await heartbeat();
    };
    const records = batch.messages.map((message) => consumedRecord(topic, partition, message));
    for (const part of transactionsOf(records, owner.next)) {
      if (stale()) return;
      if (part.recalled) {
        part.records.forEach(recall);
        await passed(part.records);
      } else {
        owner.recalled = true;
        await commit.store({ owner, records: part.records, stale, passed, heartbeat });
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
      await endsBefore(deadline, commit.close());
    },
    ready: group.ready,
    alive: group.alive,
    progress: progress.read,
  };
}
