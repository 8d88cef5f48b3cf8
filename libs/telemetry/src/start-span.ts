import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { messagingAttributes, semanticConventionsVersion } from './messaging-attributes.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

export type SpanOptions = {
  /**
   * What caused this work: a span, or the `traceparent` of, for example, the consumed record. Invalid or absent: the active
   * span; null: nothing, it begins a trace of its own.
   */
  parent?: TracedSpan | string | null | undefined;
  /** The `traceparent` of whatever else this work is for; invalid ones are left out. */
  links?: (string | undefined)[];
  attributes?: Attributes;
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
};

/** A span that is under way, sampled or not. */
export type TracedSpan = {
  /** The header of what this span causes. */
  traceparent: string;
  /** The context in which it is the active span. */
  context: Context;
  set(attributes: Attributes): void;
  /** Marks it as failed, by the class of an error or a word of a closed set: a message may quote a secret URL. */
  fail(errorType: string): void;
  end(): void;
};

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
const schemaUrl = `https://opentelemetry.io/schemas/${semanticConventionsVersion}`;

/** Starts a span, for the caller to end. To be called only while `isTracing()`: else it is work for nothing. */
export function startSpan(name: string, options: SpanOptions): TracedSpan {
  const { parent, links = [], attributes = {}, kind = 'internal' } = options;
  const within = contextOf(parent);
  const span = trace
    .getTracerProvider()
    .getTracer('nicochat-bridge', undefined, { schemaUrl })
    .startSpan(name, { kind: kinds[kind], attributes, links: links.flatMap(linkTo) }, within);
  return tracedSpan(span, trace.setSpan(within, span));
}

/** The span that is active here, if one is. */
export function activeSpan(): TracedSpan | undefined {
  const span = trace.getActiveSpan();
  return span && tracedSpan(span, context.active());
}

/** For `fail`: what kind of error it is. */
export const errorType = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

function tracedSpan(span: Span, ownContext: Context): TracedSpan {
  return {
    traceparent: formatTraceparent(span.spanContext()),
    context: ownContext,
    set: (attributes) => void span.setAttributes(attributes),
    fail(type) {
      span.setAttribute(messagingAttributes.errorType, type);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: () => span.end(),
  };
}

function contextOf(parent: SpanOptions['parent']): Context {
  if (parent === null) return ROOT_CONTEXT;
  if (typeof parent === 'object') return parent.context;
  const remote = parent === undefined ? undefined : parseTraceparent(parent);
  return remote ? trace.setSpanContext(context.active(), remote) : context.active();
}

function linkTo(traceparent: string | undefined) {
  const linked = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return linked ? [{ context: linked }] : [];
}
