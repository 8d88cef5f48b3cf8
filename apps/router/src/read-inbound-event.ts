import type { ConsumedRecord } from '@bridge/kafka';
import { deadLetterHeaders, inboundEventSchema, parseJson } from '@bridge/schemas';
import type { InboundEvent } from '@bridge/schemas';
import { knownEvent } from './repeated-events.ts';
import type { KnownEvent } from './repeated-events.ts';

/** Reads a record of inbound-events, or says what is wrong with it. */
export function readInboundEvent(
  record: ConsumedRecord,
): { kind: 'read'; event: InboundEvent; known: KnownEvent } | { kind: 'invalid'; error: string } {
  const { value } = record;
  if (value === null) return { kind: 'invalid', error: 'the record has no value' };
  try {
    const parsed = inboundEventSchema.safeParse(parseJson(value));
    const replays = Number(record.headers[deadLetterHeaders.replays] ?? 0) || 0;
    if (parsed.success) return { kind: 'read', event: parsed.data, known: knownEvent(parsed.data, replays) };
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { kind: 'invalid', error: `not an inbound event: ${faults.join('; ')}` };
  } catch {
    // Not what the parser says: it quotes the text.
    return { kind: 'invalid', error: 'not JSON' };
  }
}
