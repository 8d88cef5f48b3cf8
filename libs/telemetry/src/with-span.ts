import { context, SpanKind, SpanStatusCode, trace, type Attributes, type Context } from '@opentelemetry/api';
import { parseTraceparent } from './traceparent.ts';

export type SpanOptions = {
  /** The `traceparent` of what caused this work, for example of the consumed record. Invalid or absent: the active span's child. */
  parent?: string | undefined;
  attributes?: Attributes;
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
};

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Runs `fn` inside a span and answers what it answers. With tracing off it only runs `fn`.
 * An error marks the span with its class and goes on to the caller; its message stays out, for it may quote a secret URL.
 */
export async function withSpan<T>(name: string, options: SpanOptions, fn: () => T | Promise<T>): Promise<T> {
  const { parent, attributes = {}, kind = 'internal' } = options;
  return trace
    .getTracer('nicochat-bridge')
    .startActiveSpan(name, { kind: kinds[kind], attributes }, parentContext(parent), async (span) => {
      try {
        return await fn();
      } catch (error) {
        span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
}

function parentContext(parent: string | undefined): Context {
  const remote = parent === undefined ? undefined : parseTraceparent(parent);
  return remote ? trace.setSpanContext(context.active(), remote) : context.active();
}
