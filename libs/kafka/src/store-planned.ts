import type { ConsumedRecord, OutgoingRecord } from './records.ts';
import { TopicRefusal } from './topic-refusal.ts';
import type { TransactionalWriter } from './transactional-writer.ts';

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
  /** None after a failure. */
  writer: TransactionalWriter | undefined;
  /** The first offset that no committed transaction covers. */
  next: bigint;
  /** All that is to be remembered of what was committed before was recalled. */
  recalled: boolean;
};

/** `refused`: aborted, as a topic did not take its part. `failed`: whether it was committed, whoever comes next finds out. */
export type TransactionOutcome = 'committed' | 'refused' | 'failed';

type Context = {
  owner: OwnedPartition;
  plan: PlanRecords;
  /** A new writer of the partition. */
  open(): Promise<TransactionalWriter>;
  /** The partition may be another's by now, or there is no time left. */
  stale(): boolean;
  heartbeat(): Promise<void>;
  /** Told of each transaction. */
  onTransaction?: ((outcome: TransactionOutcome) => void) | undefined;
  /** Everything up to the offset is committed. */
  passed(offset: string): Promise<void>;
};

/** Stores what is planned for the records, in one transaction, or in more when a topic refuses its part. */
export async function storePlanned(
  records: ConsumedRecord[],
  context: Context,
  refusals: TopicRefusal[] = [],
): Promise<void> {
  const { plan, stale, passed } = context;
  for (;;) {
    if (stale()) return;
    const planned = plan(records, refusals);
    if (!planned) throw refusals.at(-1);
    const refusal = await attempt(records, planned, context);
    if (!refusal) return passed(records.at(-1)?.offset ?? '');
    if (refusal.kind === 'too-large' && records.length > 1) {
      await storePlanned(records.slice(0, records.length / 2), context, [...refusals]);
      return storePlanned(records.slice(records.length / 2), context, refusals);
    }
    if (refusals.some(({ topic, kind }) => topic === refusal.topic && kind === refusal.kind)) throw refusal;
    refusals.push(refusal);
  }
}

async function attempt(
  records: ConsumedRecord[],
  { outgoing, stored, failed }: BatchPlan,
  { owner, open, heartbeat, onTransaction }: Context,
): Promise<TopicRefusal | undefined> {
  const next = BigInt(records.at(-1)?.offset ?? -1) + 1n;
  const { writer } = owner;
  if (!writer) throw new Error('the partition was given back');
  try {
    await writer.write(outgoing, next);
  } catch (error) {
    failed?.();
    onTransaction?.(error instanceof TopicRefusal ? 'refused' : 'failed');
    if (!(error instanceof TopicRefusal)) throw error;
    // Not waited for: a broker that hangs would have to answer first, and the next writer fences this one anyway.
    void writer.close();
    // Whoever is no member any more must not fence the one that is.
    await heartbeat();
    owner.writer = await open();
    if (owner.writer.from !== owner.next)
      throw new Error('the partition has gone on without this member', { cause: error });
    return error;
  }
  onTransaction?.('committed');
  owner.next = next;
  stored();
  return undefined;
}
