import type { InboundEvent } from '@bridge/schemas';

/** How an event relates to those seen before. */
export type Repetition = 'first' | 'repeated' | 'suspected';

/** What is remembered of one partition: ids for ever-so-long, redelivery keys with the time of their receipt. */
export type SeenEvents = {
  ids: Set<string>;
  redeliveries: Map<string, number>;
};

const redeliveryWindowMs = 10 * 60_000;
/** Per partition; the oldest are forgotten first. */
const maxRemembered = 50_000;

export const seenNothing = (): SeenEvents => ({ ids: new Set(), redeliveries: new Map() });

/**
 * Whether an event came before. The same id is the same receipt, published or replayed twice. The same redelivery key
 * within ten minutes is a redelivery when NicoChat's own message id is part of it, else it is only suspected: two
 * honest "ok" look alike.
 */
export function judgeRepetition(event: InboundEvent, seen: SeenEvents): Repetition {
  if (seen.ids.has(event.id)) return 'repeated';
  const before = seen.redeliveries.get(event.redeliveryKey);
  if (before === undefined || Date.parse(event.receivedAt) - before > redeliveryWindowMs) return 'first';
  return event.redeliveryKey.startsWith('/') ? 'suspected' : 'repeated';
}

export function remember(event: InboundEvent, seen: SeenEvents): void {
  seen.ids.add(event.id);
  seen.redeliveries.delete(event.redeliveryKey);
  seen.redeliveries.set(event.redeliveryKey, Date.parse(event.receivedAt));
  forgetOldest(seen.ids);
  forgetOldest(seen.redeliveries);
}

function forgetOldest(remembered: Set<string> | Map<string, unknown>): void {
  if (remembered.size <= maxRemembered) return;
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest);
    return;
  }
}

/** What was seen, kept apart for each partition. */
export function seenByPartition(): (partition: number) => SeenEvents {
  const partitions = new Map<number, SeenEvents>();
  return (partition) => {
    const seen = partitions.get(partition) ?? seenNothing();
    partitions.set(partition, seen);
    return seen;
  };
}
