import type { ConsumedRecord } from '@bridge/kafka';
import { readInboundEvent } from './read-inbound-event.ts';
import { judgeRepetition, remember, seenNothing } from './repeated-events.ts';
import type { SeenEvents } from './repeated-events.ts';

/** What was seen of each partition. It lives no longer than the partition is this router's, and is rebuilt from the topic. */
export function createMemory() {
  const partitions = new Map<number, SeenEvents>();

  function of(partition: number): SeenEvents {
    const seen = partitions.get(partition) ?? seenNothing();
    partitions.set(partition, seen);
    return seen;
  }

  /** Remembers a record that was routed before this router took its partition over. */
  function recall(record: ConsumedRecord): void {
    const read = readInboundEvent(record);
    if (read.kind !== 'read') return;
    const seen = of(record.partition);
    remember(read.known, judgeRepetition(read.known, seen), seen);
  }

  return { of, recall, forget: (partition: number) => void partitions.delete(partition) };
}
