import { randomBytes } from 'node:crypto';
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
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}

/** The context that a `traceparent` names, or undefined: another version, upper case, ids of zeros are invalid. */
export function parseTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = pattern.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
