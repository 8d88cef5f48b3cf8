import type { EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { createGroupConsumer } from './consumer.ts';
import type { ConsumerLostError } from './errors.ts';
import { pause } from './pause.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord, OutgoingRecord } from './records.ts';
import { withAdmin } from './topics.ts';
import { openTransactionalWriter } from './transactional-writer.ts';
import type { TransactionalWriter } from './transactional-writer.ts';

/** What some records lead to: what to publish, and what to do once that and their offset are committed. */
export type BatchPlan = { outgoing: OutgoingRecord[]; stored(): void };

/** Part of a service: starts, stops, says whether it is ready and alive. */
export type TransactionalConsumer = {
  name: string;
  start(): Promise<void>;
  /** Finishes the transactions that run, until `deadline`, and leaves the group. */
  stop(options: { deadline: Date }): Promise<void>;
  ready(): true | string;
  alive(): true | string;
};

type Owned = { writer: TransactionalWriter; next: bigint };

const retryPauseMs = 500;
/** Of the input in one transaction; kafkajs makes one batch a partition of it, which must stay far below the topics' limit. */
const maxTransactionBytes = 384 * 1024;
const maxRecalled = 50_000n;

/**
 * Consumes a topic and publishes what `plan` makes of it exactly once, for readers of committed records: the output and
 * the offsets are one transaction. Each input partition has a writer of its own, so that a member that lost the
 * partition, even one that slept and does not know, can commit nothing more.
 */
export function consumeInTransactions(options: {
  client: KafkaClient;
  groupId: string;
  topic: string;
  /** Called with records of one partition, in order; again for the same ones when their transaction failed. Must not throw. */
  plan(records: ConsumedRecord[]): BatchPlan;
  /** A partition was taken over: what was remembered of it counts no more. */
  onTakeOver(partition: number): void;
  /** Called after a take-over with records of the last `recallMs` that were committed before. Must not throw. */
  recall(record: ConsumedRecord): void;
  recallMs: number;
  onFatal(error: ConsumerLostError): void;
}): TransactionalConsumer {
  const { client, groupId, topic, plan, onTakeOver, recall, recallMs, onFatal } = options;
  const owned = new Map<number, Owned>();
  const group = createGroupConsumer({ client, groupId, topics: [topic], eachBatch, onAssigned: releaseAll, onFatal });
  let stopping = false;

  function releaseAll(): void {
    for (const partition of owned.keys()) void release(partition);
  }

  async function release(partition: number): Promise<void> {
    const { writer } = owned.get(partition) ?? {};
    owned.delete(partition);
    await writer?.close();
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { partition, messages } = payload.batch;
    if (stopping || messages.length === 0) return;
    const owner = owned.get(partition);
    try {
      if (owner) await handle(owner, payload);
      else await takeOver(payload);
    } catch (error) {
      await release(partition);
      if (isGroupError(error)) throw error;
      client.log.warn(
        { topic, partition, error: String(error) },
        'a transaction failed; the partition is taken over anew',
      );
      await pause(retryPauseMs);
    }
  }

  /** What was fetched before the partition was ours is dropped: it may be committed already. */
  async function takeOver({ batch, heartbeat }: EachBatchPayload): Promise<void> {
    const { partition } = batch;
    // Whoever is no member any more must not fence the one that is.
    await heartbeat();
    const transactionalId = `${groupId}-${partition}`;
    const writer = await openTransactionalWriter({ client, transactionalId, groupId, topic, partition });
    const offset = await recallFrom(partition, writer.from, Number(batch.messages[0]?.timestamp) - recallMs);
    owned.set(partition, { writer, next: writer.from });
    onTakeOver(partition);
    group.consumer.seek({ topic, partition, offset: offset.toString() });
  }

  async function recallFrom(partition: number, next: bigint, since: number): Promise<bigint> {
    const offsets = await withAdmin(client, (admin) => admin.fetchTopicOffsetsByTimestamp(topic, Math.max(0, since)));
    const found = BigInt(offsets.find((one) => one.partition === partition)?.offset ?? next);
    const earliest = next - maxRecalled;
    return found > next || found < 0n ? next : found < earliest ? earliest : found;
  }

  async function handle(owner: Owned, payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat } = payload;
    const stale = () => stopping || !payload.isRunning() || payload.isStale() || owned.get(batch.partition) !== owner;
    const records = batch.messages.map((message) => consumedRecord(topic, batch.partition, message));
    for (const part of transactionsOf(records, owner.next)) {
      const last = part.records.at(-1);
      if (!last || stale()) return;
      if (part.recalled) {
        for (const record of part.records) recall(record);
      } else {
        const next = BigInt(last.offset) + 1n;
        const { outgoing, stored } = plan(part.records);
        await owner.writer.write(outgoing, next);
        owner.next = next;
        stored();
      }
      resolveOffset(last.offset);
      await heartbeat();
    }
  }

  return {
    name: `consumer of ${topic}`,
    start: group.start,
    async stop({ deadline }) {
      stopping = true;
      await group.leave({ deadline });
      releaseAll();
    },
    ready: group.ready,
    alive: group.alive,
  };
}

/** Cuts a batch into what was committed before `next` and transactions of bounded size, in order. */
export function transactionsOf(
  records: ConsumedRecord[],
  next: bigint,
): { recalled: boolean; records: ConsumedRecord[] }[] {
  const groups: { recalled: boolean; records: ConsumedRecord[]; bytes: number }[] = [];
  for (const record of records) {
    const recalled = BigInt(record.offset) < next;
    const current = groups.at(-1);
    if (current?.recalled === recalled && current.bytes + record.sizeBytes <= maxTransactionBytes) {
      current.records.push(record);
      current.bytes += record.sizeBytes;
    } else {
      groups.push({ recalled, records: [record], bytes: record.sizeBytes });
    }
  }
  return groups;
}

/** kafkajs must see these: it joins the group again. */
function isGroupError(error: unknown): boolean {
  const { type } = error as { type?: string };
  return ['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'].includes(
    type ?? '',
  );
}
