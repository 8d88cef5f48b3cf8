import { PassingSet } from './passing-set.ts';
import type { PublishRequest } from './publish-request.ts';
import type { OutgoingRecord } from './records.ts';

/** A record on its way: the `index`th of its request. */
export type Waiting = { record: OutgoingRecord; sizeBytes: number; request: PublishRequest; index: number };

/** What waits for one partition, in the order of its coming. */
export type PartitionQueue = {
  topic: string;
  partition: number;
  /** `sending`: a request has some of it, so nothing else is sent. `held`: its leader can't be reached. */
  state: 'ready' | 'sending' | 'held';
  /** Of the records in front, how often sending them failed. */
  failures: number;
  isEmpty(): boolean;
  /** How many wait for the first time. */
  waiting(): number;
  add(one: Waiting): void;
  remove(one: Waiting): void;
  /** Fails the requests whose time has passed. True when there was one that nobody had noticed. */
  expire(now: number): boolean;
  /** The next batch, of `maxBytes` or one record, without what nobody waits for any more. */
  take(maxBytes: number): Waiting[];
  /** Puts batches in front again, to be taken as they are. */
  putBack(batches: Waiting[][]): void;
};

export function createPartitionQueue(topic: string, partition: number): PartitionQueue {
  const waiting = new PassingSet<Waiting>();
  let again: Waiting[][] = [];
  const isWanted = ({ request }: Waiting) => !request.isOver();

  function expire(now: number): boolean {
    let hasExpired = false;
    for (const batch of [...again, waiting]) {
      for (const { request } of batch) hasExpired = request.expire(now) || hasExpired;
    }
    return hasExpired;
  }

  function take(maxBytes: number): Waiting[] {
    again = again.map((batch) => batch.filter(isWanted)).filter((batch) => batch.length > 0);
    const [first, ...others] = again;
    again = others;
    return first ?? takeWaiting(maxBytes);
  }

  function takeWaiting(maxBytes: number): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const one of waiting) {
      if (batch.length > 0 && bytes + one.sizeBytes > maxBytes) break;
      waiting.delete(one);
      if (!isWanted(one)) continue;
      batch.push(one);
      bytes += one.sizeBytes;
    }
    return batch;
  }

  return {
    topic,
    partition,
    state: 'ready',
    failures: 0,
    isEmpty: () => waiting.size === 0 && again.length === 0,
    waiting: () => waiting.size,
    add: (one) => waiting.add(one),
    remove: (one) => waiting.delete(one),
    expire,
    take,
    putBack: (batches) => void (again = [...batches, ...again]),
  };
}
