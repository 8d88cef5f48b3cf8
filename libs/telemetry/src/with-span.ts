import { context } from '@opentelemetry/api';
import { errorType, startSpan } from './start-span.ts';
import type { SpanOptions, TracedSpan } from './start-span.ts';

/**
 * Runs `fn` inside a new span and answers what it answers. With tracing off it only runs `fn`, at the price of a few
 * objects: where that counts, ask `isTracing()` first.
 * An error marks the span with its class and goes on to the caller; its message stays out, for it may quote a secret URL.
 */
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: TracedSpan) => T | Promise<T>): Promise<T> {
  const span = startSpan(name, options);
  return runInSpan(span, () => fn(span));
}

/** The same in a span that was started already, which this ends. */
export function runInSpan<T>(span: TracedSpan, fn: () => T | Promise<T>): Promise<T> {
  return context.with(span.context, async () => {
    try {
      return await fn();
    } catch (error) {
      span.fail(errorType(error));
      throw error;
    } finally {
      span.end();
    }
  });
}
