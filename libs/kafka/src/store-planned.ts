import type { ConsumedRecord, OutgoingRecord } from './records.ts';
import { TopicRefusal } from './topic-refusal.ts';
import type { TransactionalWriter } from './transactional-writer.ts';
import type { GroupMember } from './wire/group-offsets.ts';

/**
 * What some records lead to: what to publish, and what to do once that and their offset are committed. `failed` is called
 * instead when the transaction was refused or failed.
 */
export type BatchPlan = { outgoing: OutgoingRecord[]; stored(): void; failed?(): void };

/**
 * Plans records of one partition, in order; again for the same ones when their transaction failed. `refusals` is what
 * topics answered to the plans before: the next one must do without them, or be undefined, which is to wait and begin
 * anew. Records of which one is too large are planned in halves, until it is alone. Must not throw.
 */
export type PlanRecords = (records: ConsumedRecord[], refusals: TopicRefusal[]) => BatchPlan | undefined;

/** An input partition that this member took over. */
export type OwnedPartition = {
  partition: number;
  /** As which the group gave it the partition. */
  member: GroupMember;
  /** The first offset that no committed transaction covers. */
  next: bigint;
  /** All that is to be remembered of what was committed before was recalled. */
  recalled: boolean;
  /** It must be taken over anew: whether `next` is still right is not known, as a transaction failed. */
  isInDoubt: boolean;
};

/** Records of one partition, in order, to be planned and stored. */
export type Work = {
  owner: OwnedPartition;
  records: ConsumedRecord[];
  /** The partition may be another's by now, or there is no time left: nothing of it is to be begun. */
  stale(): boolean;
  /** These records, the first of those that were left, are committed. */
  passed(records: ConsumedRecord[]): Promise<void>;
  heartbeat(): Promise<void>;
};

/** `refused`: aborted, as a topic did not take its part. `failed`: whether it was committed, whoever comes next finds out. */
export type TransactionOutcome = 'committed' | 'refused' | 'failed';

/** Work with what it leads to. */
export type PlannedWork = Pick<Work, 'owner' | 'records'> & { planned: BatchPlan };

export type Storing = {
  plan: PlanRecords;
  /** Another one after a transaction that was not committed. */
  writer: { write: TransactionalWriter['write']; renew(): void };
  /** Told of each transaction. */
  onTransaction?: ((outcome: TransactionOutcome) => void) | undefined;
};

/**
 * One transaction with all of it, of one member's partitions, in none of which records are missing. Says what refused it, if a
 * topic did; rejects when it failed.
 */
export async function storeTogether(
  all: PlannedWork[],
  { writer, onTransaction }: Omit<Storing, 'plan'>,
): Promise<TopicRefusal | undefined> {
  const [{ owner }] = all as [PlannedWork];
  const outgoing = all.flatMap(({ planned }) => planned.outgoing);
  const offsets = new Map(all.map((one) => [one.owner.partition, nextOf(one.records)]));
  try {
    await writer.write(outgoing, offsets, owner.member);
  } catch (error) {
    writer.renew();
    for (const { planned } of all) planned.failed?.();
    onTransaction?.(error instanceof TopicRefusal ? 'refused' : 'failed');
    if (error instanceof TopicRefusal) return error;
    throw error;
  }
  onTransaction?.('committed');
  for (const { owner: one, records, planned } of all) {
    one.next = nextOf(records);
    planned.stored();
  }
  return undefined;
}

const nextOf = (records: ConsumedRecord[]) => BigInt(records.at(-1)?.offset ?? -1) + 1n;

/** Stores what is planned for records of one partition in one transaction, or in more when a topic refuses its part. */
export async function storeAlone(work: Work, storing: Storing, refusals: TopicRefusal[] = []): Promise<void> {
  const { owner, records, stale, passed, heartbeat } = work;
  for (;;) {
    if (stale()) return;
    const planned = storing.plan(records, refusals);
    if (!planned) throw refusals.at(-1);
    const refusal = await storeTogether([{ owner, records, planned }], storing);
    if (!refusal) return passed(records);
    await heartbeat();
    if (refusal.kind === 'too-large' && records.length > 1) {
      const half = records.length / 2;
      await storeAlone({ ...work, records: records.slice(0, half) }, storing, [...refusals]);
      return storeAlone({ ...work, records: records.slice(half) }, storing, refusals);
    }
    if (refusals.some(({ topic, kind }) => topic === refusal.topic && kind === refusal.kind)) throw refusal;
    refusals.push(refusal);
  }
}
