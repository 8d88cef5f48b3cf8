import { deadLetterRecord } from '@bridge/kafka';
import type { ConsumedRecord, OutgoingRecord } from '@bridge/kafka';
import { cloudEventHeaders, eventTypes, inboundEventSchema, parseJson, stringifyJson } from '@bridge/schemas';
import type { ChannelMessage, InboundEvent } from '@bridge/schemas';
import { judgeRepetition } from './repeated-events.ts';
import type { SeenEvents } from './repeated-events.ts';
import { routeInboundEvent } from './route-inbound-event.ts';
import type { RoutingRules } from './route-inbound-event.ts';

/** Where the router writes, and how it names the trace of a record. */
export type Destinations = {
  channelMessages: string;
  deadLetters: string;
  traceparent(incoming: string | undefined): string;
};

/** What becomes of one record of inbound-events. */
export type Mapping =
  | { kind: 'routed'; event: InboundEvent; message: ChannelMessage; record: OutgoingRecord }
  | { kind: 'repeated'; event: InboundEvent }
  | { kind: 'unroutable' | 'unverified'; event: InboundEvent; error: string; record: OutgoingRecord }
  | { kind: 'invalid'; error: string; record: OutgoingRecord };

/** Maps a record to a channel message, or to a dead letter that says why not, or to nothing when it came before. */
export function mapInboundRecord(
  record: ConsumedRecord,
  context: { rules: RoutingRules; seen: SeenEvents[]; destinations: Destinations; now: Date },
): Mapping {
  const { rules, seen, destinations, now } = context;
  const deadLetter = (reason: string, error: string) =>
    deadLetterRecord({
      topic: destinations.deadLetters,
      record,
      stage: 'router',
      reason,
      error,
      attempts: 1,
      firstFailedAt: now,
    });

  const read = readInboundEvent(record.value);
  if (read.kind === 'invalid') return { ...read, record: deadLetter('invalid', read.error) };

  const { event } = read;
  const repetitions = seen.map((one) => judgeRepetition(event, one));
  if (repetitions.includes('repeated')) return { kind: 'repeated', event };

  const routing = routeInboundEvent(event, rules);
  if (routing.kind !== 'routed') return { ...routing, event, record: deadLetter(routing.kind, routing.error) };
  const { channel, route, topic = destinations.channelMessages } = routing;
  const message: ChannelMessage = {
    ...event,
    channel,
    ...(route !== undefined && { route }),
    duplicateSuspected: repetitions.includes('suspected'),
  };
  const headers = headersOf(message, now, destinations.traceparent(record.headers['traceparent']));
  return {
    kind: 'routed',
    event,
    message,
    record: { topic, key: record.rawKey, value: stringifyJson(message), headers },
  };
}

function readInboundEvent(
  value: string | null,
): { kind: 'read'; event: InboundEvent } | { kind: 'invalid'; error: string } {
  if (value === null) return { kind: 'invalid', error: 'the record has no value' };
  try {
    const parsed = inboundEventSchema.safeParse(parseJson(value));
    if (parsed.success) return { kind: 'read', event: parsed.data };
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { kind: 'invalid', error: `not an inbound event: ${faults.join('; ')}` };
  } catch (error) {
    return { kind: 'invalid', error: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function headersOf(message: ChannelMessage, now: Date, traceparent: string): Record<string, string> {
  return cloudEventHeaders({
    id: message.id,
    type: eventTypes.channelMessage,
    source: `/connections/${message.connection}`,
    subject: message.channel,
    time: now.toISOString(),
    traceparent,
  });
}
