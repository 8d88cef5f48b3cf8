import type { InboundEvent } from '@bridge/schemas';

/** How an event relates to those seen before; `changed` is another body under a message id that came before. */
export type Repetition = 'first' | 'repeated' | 'suspected' | 'changed';

/**
 * What is kept of an inbound event until its batch is stored: `replays` counts how often an operator brought it back from
 * the dead letters, `marks` is what it is recognised by. Not the event itself: a batch of them is tens of thousands of
 * objects.
 */
export type KnownEvent = Pick<InboundEvent, 'id' | 'connection'> & { replays: number; marks: EventMarks };

/** Texts that are the same for what is the same. `message` is there when NicoChat's own id of the message is. */
type EventMarks = { id: string; body: string; message?: string | undefined; receivedAt: number };

/** What is remembered of one partition. Times are receipts, in milliseconds, of what was not dropped as repeated. */
export type SeenEvents = {
  ids: Set<string>;
  bodies: Map<string, number>;
  messages: Map<string, number>;
};

export const redeliveryWindowMs = 10 * 60_000;
/** Per partition; the oldest are forgotten first. */
const maxRemembered = 50_000;

export const seenNothing = (): SeenEvents => ({ ids: new Set(), bodies: new Map(), messages: new Map() });

/** A redelivery key is `<NicoChat's message id, if any>/<digest of the body>/<index in the request>`. */
export function knownEvent({ id, connection, redeliveryKey, receivedAt }: InboundEvent, replays: number): KnownEvent {
  const messageId = redeliveryKey.slice(0, Math.max(0, redeliveryKey.indexOf('/')));
  const index = redeliveryKey.slice(redeliveryKey.lastIndexOf('/') + 1);
  const marks = {
    id: `${id}/${replays}`,
    body: `${connection}/${redeliveryKey}`,
    message: messageId === '' ? undefined : `${connection}/${messageId}/${index}`,
    receivedAt: Date.parse(receivedAt),
  };
  return { id, connection, replays, marks };
}

/**
 * Whether an event came before. The same id is the same receipt, published twice. The same redelivery key within ten
 * minutes is a redelivery when NicoChat's own message id leads it, else it is only suspected: two honest "ok" look
 * alike. A replay repeats only the same replay: its first coming ended as a dead letter.
 */
export function judgeRepetition({ marks, replays }: KnownEvent, seen: SeenEvents): Repetition {
  const { id, body, message, receivedAt } = marks;
  if (seen.ids.has(id)) return 'repeated';
  if (replays > 0) return 'first';
  // Either may be the later one: what waited in a spool comes behind what was received after it.
  const isNear = (before: number | undefined) =>
    before !== undefined && Math.abs(receivedAt - before) <= redeliveryWindowMs;
  if (isNear(seen.bodies.get(body))) return message === undefined ? 'suspected' : 'repeated';
  return message !== undefined && isNear(seen.messages.get(message)) ? 'changed' : 'first';
}

/** Remembers an event. What is dropped as repeated does not begin another ten minutes. */
export function remember({ marks }: KnownEvent, repetition: Repetition, seen: SeenEvents): void {
  const { id, body, message, receivedAt } = marks;
  seen.ids.add(id);
  for (const oldest of seen.ids) {
    if (seen.ids.size <= maxRemembered) break;
    seen.ids.delete(oldest);
  }
  if (repetition === 'repeated') return;
  note(body, receivedAt, seen.bodies);
  if (message !== undefined) note(message, receivedAt, seen.messages);
}

function note(key: string, receivedAt: number, times: Map<string, number>): void {
  const latest = Math.max(receivedAt, times.get(key) ?? receivedAt);
  times.delete(key);
  times.set(key, latest);
  for (const [oldest, at] of times) {
    if (times.size <= maxRemembered && receivedAt - at <= redeliveryWindowMs) return;
    times.delete(oldest);
  }
}
