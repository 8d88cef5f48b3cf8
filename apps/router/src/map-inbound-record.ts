import { deadLetterRecord } from '@bridge/kafka';
import type { ConsumedRecord, OutgoingRecord } from '@bridge/kafka';
import { cloudEventHeaders, eventTypes } from '@bridge/schemas';
import type { InboundEvent } from '@bridge/schemas';
import { buildChannelMessage } from './build-channel-message.ts';
import type { RefusedBy } from './channel-topics.ts';
import { readInboundEvent } from './read-inbound-event.ts';
import { judgeRepetition } from './repeated-events.ts';
import type { KnownEvent, Repetition, SeenEvents } from './repeated-events.ts';
import { routeInboundEvent } from './route-inbound-event.ts';
import type { RoutingRules } from './route-inbound-event.ts';

/** Where the router writes, and how it names the trace of a record. */
export type Destinations = {
  channelMessages: string;
  deadLetters: string;
  traceparent(incoming: string | undefined): string;
};

/** Why a record became a dead letter, though it is an inbound event. */
type GivenUp = 'unroutable' | 'unverified' | 'too-large' | 'channel-topic-unavailable';

/** What becomes of one record of inbound-events. */
export type Mapping =
  | {
      kind: 'routed';
      known: KnownEvent;
      repetition: Repetition;
      template: string;
      route: string | undefined;
      record: OutgoingRecord;
    }
  | { kind: 'repeated'; known: KnownEvent; repetition: Repetition }
  | { kind: GivenUp; known: KnownEvent; repetition: Repetition; error: string; record: OutgoingRecord }
  | { kind: 'invalid'; error: string; record: OutgoingRecord };

/** Below what a channel's topic takes (4 MiB), with room for key, headers and framing. */
const maxValueBytes = 4 * 1024 * 1024 - 8 * 1024;

/** Of what several memories say, the first of these counts. */
const byWeight: Repetition[] = ['repeated', 'suspected', 'changed'];

/** Maps a record to a channel message, or to a dead letter that says why not, or to nothing when it came before. */
export function mapInboundRecord(
  record: ConsumedRecord,
  context: {
    rules: RoutingRules;
    seen: SeenEvents[];
    destinations: Destinations;
    refusedBy: RefusedBy;
    now: Date;
    /** `now` in RFC 3339. */
    time: string;
  },
): Mapping {
  const { rules, seen, destinations, refusedBy, now, time } = context;
  const deadLetter = (reason: GivenUp | 'invalid', error: string) => {
    const letter = { topic: destinations.deadLetters, record, stage: 'router', reason, error } as const;
    return deadLetterRecord({ ...letter, attempts: 1, firstFailedAt: now });
  };

  const read = readInboundEvent(record);
  if (read.kind === 'invalid') return { ...read, record: deadLetter('invalid', read.error) };

  const { event, known } = read;
  const repetitions = seen.map((one) => judgeRepetition(known, one));
  const repetition = byWeight.find((one) => repetitions.includes(one)) ?? 'first';
  if (repetition === 'repeated') return { kind: 'repeated', known, repetition };

  const giveUp = (kind: GivenUp, error: string): Mapping => {
    return { kind, known, repetition, error, record: deadLetter(kind, error) };
  };
  const routing = routeInboundEvent(event, rules);
  if (routing.kind !== 'routed') return giveUp(routing.kind, routing.error);

  const { channel, template, route, topic = destinations.channelMessages } = routing;
  const refused = refusedBy(topic);
  if (refused) return giveUp(refused.kind === 'too-large' ? 'too-large' : 'channel-topic-unavailable', refused.error);

  const added = { channel, ...(route !== undefined && { route }), duplicateSuspected: repetition === 'suspected' };
  const value = buildChannelMessage(record, event, added);
  const bytes = value.length;
  if (bytes > maxValueBytes) {
    return giveUp('too-large', `as a channel message it has ${bytes} bytes, more than ${maxValueBytes}`);
  }
  const headers = headersOf(event, channel, time, destinations.traceparent(record.headers['traceparent']));
  return { kind: 'routed', known, repetition, template, route, record: { topic, key: record.rawKey, value, headers } };
}

function headersOf(
  { id, connection }: InboundEvent,
  channel: string,
  time: string,
  traceparent: string,
): Record<string, string> {
  return cloudEventHeaders({
    id,
    type: eventTypes.channelMessage,
    source: `/connections/${connection}`,
    subject: channel,
    time,
    traceparent,
  });
}
