import type { InboundEvent } from '@bridge/schemas';

/** How an event relates to those seen before; `changed` is another body under a message id that came before. */
export type Repetition = 'first' | 'repeated' | 'suspected' | 'changed';

/** An inbound event as read from the topic. `replays` counts how often an operator brought it back from the dead letters. */
export type ReceivedEvent = { event: InboundEvent; replays: number };

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

/**
 * Whether an event came before. The same id is the same receipt, published twice. The same redelivery key within ten
 * minutes is a redelivery when NicoChat's own message id leads it, else it is only suspected: two honest "ok" look
 * alike. A replay repeats only the same replay: its first coming ended as a dead letter.
 */
export function judgeRepetition({ event, replays }: ReceivedEvent, seen: SeenEvents): Repetition {
  if (seen.ids.has(idOf({ event, replays }))) return 'repeated';
  if (replays > 0) return 'first';
  const { body, message } = keysOf(event);
  // Either may be the later one: what waited in a spool comes behind what was received after it.
  const isNear = (before: number | undefined) =>
    before !== undefined && Math.abs(Date.parse(event.receivedAt) - before) <= redeliveryWindowMs;
  if (isNear(seen.bodies.get(body))) return message === undefined ? 'suspected' : 'repeated';
  return message !== undefined && isNear(seen.messages.get(message)) ? 'changed' : 'first';
}

/** Remembers an event. What is dropped as repeated does not begin another ten minutes. */
export function remember({ event, replays }: ReceivedEvent, repetition: Repetition, seen: SeenEvents): void {
  seen.ids.add(idOf({ event, replays }));
  for (const oldest of seen.ids) {
    if (seen.ids.size <= maxRemembered) break;
    seen.ids.delete(oldest);
  }
  if (repetition === 'repeated') return;
  const { body, message } = keysOf(event);
  const receivedAt = Date.parse(event.receivedAt);
  note(body, receivedAt, seen.bodies);
  if (message !== undefined) note(message, receivedAt, seen.messages);
}

const idOf = ({ event, replays }: ReceivedEvent) => `${event.id}/${replays}`;

/** A redelivery key is `<NicoChat's message id, if any>/<digest of the body>/<index in the request>`. */
function keysOf({ connection, redeliveryKey }: InboundEvent): { body: string; message: string | undefined } {
  const [messageId, ...rest] = redeliveryKey.split('/');
  return {
    body: `${connection}/${redeliveryKey}`,
    message: messageId ? `${connection}/${messageId}/${rest.at(-1)}` : undefined,
  };
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
