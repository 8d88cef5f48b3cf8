import { PublishError } from './errors.ts';
import type { Leaders } from './leaders.ts';
import { partitionOf } from './partition-of.ts';
import type { Waiting } from './partition-queue.ts';
import type { Persist } from './persistence.ts';
import type { TroubleLog } from './trouble-log.ts';

/** So often may brokers say that there is no such topic. */
const maxRefusals = 4;

/** Finds the partition of each record. Until a broker has told how many its topic has, the records wait here. */
export function createPlacing(options: {
  leaders: Leaders;
  persist: Persist;
  trouble: TroubleLog;
  place(one: Waiting, partition: number): void;
}) {
  const { leaders, persist, trouble, place } = options;
  const unplaced = new Map<string, Set<Waiting>>();

  function add(one: Waiting): void {
    const { topic } = one.record;
    const waiting = unplaced.get(topic);
    if (waiting) return void waiting.add(one);
    const partitions = leaders.partitionsOf(topic);
    if (partitions > 0) return placeAmong(partitions, one);
    const first = new Set([one]);
    unplaced.set(topic, first);
    void locate(topic, first);
  }

  async function locate(topic: string, waiting: Set<Waiting>): Promise<void> {
    let refusals = 0;
    const isSettled = await persist(waiting, () => {
      const partitions = leaders.partitionsOf(topic);
      const problem = leaders.problemOf(topic) ?? 'nothing is known of it yet';
      if (partitions === 0 && (refusals += 1) < maxRefusals) throw new Error(`${topic}: ${problem}`);
      unplaced.delete(topic);
      for (const one of waiting) {
        if (partitions > 0) placeAmong(partitions, one);
        else one.request.fail(new PublishError('unavailable', `${topic}: ${problem}`));
      }
    });
    if (isSettled) trouble.worked(waiting);
  }

  function placeAmong(partitions: number, one: Waiting): void {
    const { topic, key, partition = partitionFor(key, partitions) } = one.record;
    if (partition < partitions) place(one, partition);
    else one.request.fail(new PublishError('unavailable', `${topic} has no partition ${partition}`));
  }

  const remove = (one: Waiting) => unplaced.get(one.record.topic)?.delete(one);
  return { add, remove };
}

/** Java's choice; without a key any will do. */
function partitionFor(key: string | Buffer | null, partitions: number): number {
  return key === null ? Math.floor(Math.random() * partitions) : partitionOf(key, partitions);
}
