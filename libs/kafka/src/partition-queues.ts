import { createPartitionQueue } from './partition-queue.ts';
import type { PartitionQueue, Waiting } from './partition-queue.ts';
import type { Batch } from './settle-batch.ts';

/** The queues of all partitions, each made when it is first needed. */
export function createPartitionQueues(leaderOf: (queue: PartitionQueue) => number | undefined) {
  const queues = new Map<string, PartitionQueue>();

  function add(one: Waiting, partition: number): void {
    const { topic } = one.record;
    const id = `${topic}/${partition}`;
    const queue = queues.get(id) ?? createPartitionQueue(topic, partition);
    queues.set(id, queue);
    queue.add(one);
  }

  function remove(one: Waiting): void {
    for (const queue of queues.values()) queue.remove(one);
  }

  /** Those that can be sent, if only their broker is free. */
  const waiting = () => queues.values().filter((queue) => queue.state === 'ready' && !queue.isEmpty());
  const waitingFor = (leader: number) => waiting().filter((queue) => leaderOf(queue) === leader);

  /** How many records may be sent to this leader. */
  function countFor(leader: number): number {
    let count = 0;
    for (const queue of waitingFor(leader)) count += queue.waiting();
    return count;
  }

  /** The same as of one queue, for those of this leader. */
  function expire(leader: number): boolean {
    const now = Date.now();
    return [...waitingFor(leader)].map((queue) => queue.expire(now)).includes(true);
  }

  /** The next batch of each partition of this leader. */
  function take(leader: number, maxBatchBytes: number): Batch[] {
    const batches: Batch[] = [];
    for (const queue of waitingFor(leader)) {
      const entries = queue.take(maxBatchBytes);
      if (entries.length === 0) continue;
      queue.state = 'sending';
      batches.push({ queue, entries });
    }
    return batches;
  }

  return { add, remove, waiting, waitingFor, countFor, expire, take };
}
