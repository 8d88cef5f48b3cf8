import { setImmediate } from 'node:timers/promises';
import { typeOf } from './broker-connection.ts';
import { storeAlone, storeTogether } from './store-planned.ts';
import type { PlannedWork, Storing, Work } from './store-planned.ts';
import type { TransactionalWriter } from './transactional-writer.ts';
import type { WriterHolder } from './writer-holder.ts';

/** Of the input in one transaction: what one costs the broker is the same for one record and for a thousand. */
const maxGroupBytes = 2 << 20;

type Waiting = { work: Work; bytes: number; done(rest?: Promise<void>): void; failed(error: unknown): void };

export type GroupCommit = {
  /** Stores work; at most one of each partition at a time. Resolves when it is committed, or was stale before that. */
  store(work: Work): Promise<void>;
  /** As the writer's; what this process left open is ended before. */
  firstOpen: TransactionalWriter['firstOpen'];
  /** The partition is somebody else's now. */
  forget(partition: number): void;
  close(): Promise<void>;
};

/**
 * Stores the work of several partitions in common transactions, one after the other: what comes while one is under way is in
 * the next, which is planned meanwhile once there is enough for it. A partition of which something was refused or failed
 * has a writer and transactions of its own until one of them is committed: it holds up no others.
 */
export function createGroupCommit(options: {
  plan: Storing['plan'];
  onTransaction: Storing['onTransaction'];
  /** A writer for the partitions that are well, and one for each that is not. */
  openWriter(partition?: number): WriterHolder;
}): GroupCommit {
  const { openWriter, ...how } = options;
  const common = openWriter();
  const ownWriters = new Map<number, WriterHolder>();
  const waiting: Waiting[] = [];
  let underWay: Promise<void> | undefined;
  let isRunning = false;

  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    // What is fetched together comes in one turn.
    await setImmediate();
    while (waiting.length > 0) {
      // More may come by then.
      if (countOfNext() === waiting.length) await underWay;
      const commit = prepare(waiting.splice(0, countOfNext()));
      await underWay;
      underWay = commit();
    }
    isRunning = false;
  }

  /** How many of those that wait there is room for in one transaction. */
  function countOfNext(): number {
    let bytes = 0;
    const end = waiting.findIndex((one, index) => (bytes += one.bytes) > maxGroupBytes && index > 0);
    return end < 0 ? waiting.length : end;
  }

  /** Plans a group before its turn. Neither it nor what it returns fails. */
  function prepare(group: Waiting[]): () => Promise<void> {
    const planned = group.flatMap((one) => {
      try {
        const plan = how.plan(one.work.records, []);
        if (plan) return [{ ...one, ...one.work, planned: plan }];
        throw new Error('it was planned to wait, though nothing was refused');
      } catch (error) {
        one.failed(error);
        return [];
      }
    });
    return () => storeGroup(planned);
  }

  async function storeGroup(group: (Waiting & PlannedWork)[]): Promise<void> {
    const current = group.filter(({ work, planned, done }) => {
      if (!work.stale()) return true;
      planned.failed?.();
      done();
      return false;
    });
    if (current.length === 0) return;
    try {
      const refusal = await storeTogether(current, { ...how, writer: common });
      for (const one of current) {
        if (!refusal) one.done(one.work.passed(one.records));
        else if (one.planned.outgoing.some(({ topic }) => topic === refusal.topic)) one.done(storeByItself(one.work));
        else waiting.unshift(one);
      }
      if (refusal) void run();
    } catch (error) {
      for (const { owner, failed } of current) {
        // That the group has gone on without this member is the trouble of none of them.
        if (!isFenced(error)) ownWriter(owner.partition);
        failed(error);
      }
    }
  }

  function ownWriter(partition: number): WriterHolder {
    const own = ownWriters.get(partition) ?? openWriter(partition);
    ownWriters.set(partition, own);
    return own;
  }

  async function storeByItself(work: Work): Promise<void> {
    const { partition } = work.owner;
    const own = ownWriter(partition);
    await storeAlone(work, { ...how, writer: own });
    // It may have gone elsewhere, and come back.
    if (ownWriters.get(partition) === own) ownWriters.delete(partition);
    void own.close();
  }

  function forget(partition: number): void {
    void ownWriters.get(partition)?.close();
    ownWriters.delete(partition);
  }

  return {
    store(work) {
      if (ownWriters.has(work.owner.partition)) return storeByItself(work);
      return new Promise((resolve, reject) => {
        const bytes = work.records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        waiting.push({ work, bytes, done: resolve, failed: reject });
        void run();
      });
    },
    async firstOpen(...which) {
      await ownWriters.get(which[0])?.settle();
      return (await common.current()).firstOpen(...which);
    },
    forget,
    close: async () => void (await Promise.all([common, ...ownWriters.values()].map((one) => one.close()))),
  };
}

const fencing = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);
const isFenced = (error: unknown) => fencing.has(typeOf(error));
