import type { InboundEvent } from '@bridge/schemas';

/** How an event relates to those seen before. */
export type Repetition = 'first' | 'repeated' | 'suspected';

/** An inbound event as read from the topic. `replays` counts how often an operator brought it back from the dead letters. */
export type ReceivedEvent = { event: InboundEvent; replays: number };

/** What is remembered of one partition. */
export type SeenEvents = {
  ids: Set<string>;
  /** Redelivery keys, with the time of the last receipt in milliseconds. */
  redeliveries: Map<string, number>;
};

export const redeliveryWindowMs = 10 * 60_000;
/** Per partition; the oldest are forgotten first. */
const maxRemembered = 50_000;

export const seenNothing = (): SeenEvents => ({ ids: new Set(), redeliveries: new Map() });

/**
 * Whether an event came before. The same id is the same receipt, published twice. The same redelivery key within ten
 * minutes is a redelivery when NicoChat's own message id leads it, else it is only suspected: two honest "ok" look
 * alike. A replay repeats only the same replay: its first coming ended as a dead letter.
 */
export function judgeRepetition({ event, replays }: ReceivedEvent, seen: SeenEvents): Repetition {
  if (seen.ids.has(idOf({ event, replays }))) return 'repeated';
  if (replays > 0) return 'first';
  const before = seen.redeliveries.get(event.redeliveryKey);
  if (before === undefined || Date.parse(event.receivedAt) - before > redeliveryWindowMs) return 'first';
  return event.redeliveryKey.startsWith('/') ? 'suspected' : 'repeated';
}

export function remember({ event, replays }: ReceivedEvent, seen: SeenEvents): void {
  seen.ids.add(idOf({ event, replays }));
  seen.redeliveries.delete(event.redeliveryKey);
  seen.redeliveries.set(event.redeliveryKey, Date.parse(event.receivedAt));
  forgetOldest(seen.ids);
  forgetOldest(seen.redeliveries);
}

const idOf = ({ event, replays }: ReceivedEvent) => `${event.id}/${replays}`;

function forgetOldest(remembered: Set<string> | Map<string, unknown>): void {
  if (remembered.size <= maxRemembered) return;
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest);
    return;
  }
}
