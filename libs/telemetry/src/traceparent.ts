import { randomFillSync } from 'node:crypto';
import { isSpanContextValid, trace, type SpanContext } from '@opentelemetry/api';

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * The `traceparent` header for what is sent now (W3C Trace Context, version 00): the active span's; without one,
 * the incoming one as it came, if valid; else a new one that nobody sampled (flags `00`). So a record carries one always.
 */
export function traceparent(incoming?: string): string {
  const active = trace.getActiveSpan()?.spanContext();
  if (active && isSpanContextValid(active)) return formatTraceparent(active);
  if (incoming !== undefined && parseTraceparent(incoming)) return incoming;
  const ids = randomIds();
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-00`;
}

const idsBytes = 16 + 8;
const random = Buffer.alloc(128 * idsBytes);
let usedBytes = random.length;

/** A trace id and a span id, in hex; randomness is fetched for many at once. */
function randomIds(): string {
  if (usedBytes === random.length) {
    randomFillSync(random);
    usedBytes = 0;
  }
  usedBytes += idsBytes;
  return random.toString('hex', usedBytes - idsBytes, usedBytes);
}

/** The context that a `traceparent` names, or undefined: another version, upper case, ids of zeros are invalid. */
export function parseTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = pattern.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** The `traceparent` header of a context. */
export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The trace that a `traceparent` names, for a log line; undefined when it is not valid. */
export function traceIdOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : parseTraceparent(text)?.traceId;
}
