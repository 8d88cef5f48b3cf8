import type { InboundEvent } from '@bridge/schemas';
import { markOf, RecentMarks } from './recent-marks.ts';
import type { Mark } from './recent-marks.ts';

/** How an event relates to those seen before; `changed` is another body under a message id that came before. */
export type Repetition = 'first' | 'repeated' | 'suspected' | 'changed';

/**
 * What is kept of an inbound event until its batch is stored: `replays` counts how often an operator brought it back from
 * the dead letters, `marks` is what it is recognised by. Not the event itself: a batch of them is tens of thousands of
 * objects.
 */
export type KnownEvent = Pick<InboundEvent, 'id' | 'connection'> & { replays: number; marks: EventMarks };

/** Marks that are the same for what is the same. `message` is there when NicoChat's own id of the message is. */
type EventMarks = { id: Mark; body: Mark; message?: Mark | undefined; receivedAt: number };

/** What is remembered of one partition. Times are receipts, in milliseconds, of what was not dropped as repeated. */
export type SeenEvents = { ids: RecentMarks; bodies: RecentMarks; messages: RecentMarks };

export const redeliveryWindowMs = 10 * 60_000;
/** Per partition; the oldest are forgotten first. */
const maxRemembered = 50_000;

/** With room for so many events; more is made when it is needed. */
export function seenNothing(room = 0): SeenEvents {
  return { ids: new RecentMarks(room), bodies: new RecentMarks(room), messages: new RecentMarks(room) };
}

/** A redelivery key is `<NicoChat's message id, if any>/<digest of the body>/<index in the request>`. */
export function knownEvent({ id, connection, redeliveryKey, receivedAt }: InboundEvent, replays: number): KnownEvent {
  const messageId = redeliveryKey.slice(0, Math.max(0, redeliveryKey.indexOf('/')));
  const index = redeliveryKey.slice(redeliveryKey.lastIndexOf('/') + 1);
  const marks = {
    id: markOf(`${id}/${replays}`),
    body: markOf(`${connection}/${redeliveryKey}`),
    message: messageId === '' ? undefined : markOf(`${connection}/${messageId}/${index}`),
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
  if (!seen.ids.has(id)) seen.ids.note(id, receivedAt);
  if (seen.ids.size > maxRemembered) seen.ids.deleteOldest();
  if (repetition === 'repeated') return;
  note(body, receivedAt, seen.bodies);
  if (message !== undefined) note(message, receivedAt, seen.messages);
}

function note(mark: Mark, receivedAt: number, times: RecentMarks): void {
  times.note(mark, receivedAt);
  const isOld = (time: number | undefined) => time !== undefined && receivedAt - time > redeliveryWindowMs;
  while (times.size > maxRemembered || isOld(times.oldest)) times.deleteOldest();
}
