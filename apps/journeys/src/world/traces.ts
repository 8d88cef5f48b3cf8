import { startOtlpReceiver } from '@bridge/telemetry/otlp-receiver';
import type { ReceivedSpan } from '@bridge/telemetry/otlp-receiver';
import { until } from './until.ts';

export type { ReceivedSpan } from '@bridge/telemetry/otlp-receiver';

/** Receives the traces of a journey's processes. */
export async function receiveTraces() {
  const receiver = await startOtlpReceiver();

  return {
    /** What a process is to be started with so that it sends its traces here, soon. */
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
    /** Waits until the trace has what is looked for; `pick` gets all its spans. */
    until<T>(traceId: string, what: string, pick: (spans: ReceivedSpan[]) => T | undefined | false): Promise<T> {
      const ofTrace = () => receiver.spans().filter((span) => span.traceId === traceId);
      const seen = () => ofTrace().map(({ name, spanId, parentSpanId }) => `${name} ${spanId} in ${parentSpanId}`);
      return until(`${what} in the trace ${traceId}`, () => pick(ofTrace()), seen);
    },
    /** Waits for a span of whatever trace. */
    find(what: string, is: (span: ReceivedSpan) => boolean | undefined): Promise<ReceivedSpan> {
      return until(what, () => receiver.spans().find(is));
    },
    /** How many spans came. */
    count: () => receiver.spans().length,
    /** All that came, as it came. */
    text: () => receiver.posts.map(({ body }) => body).join('\n'),
    stop: receiver.stop,
  };
}

/** The parts of a `traceparent`. */
export function contextOf(traceparent: string | undefined) {
  const [, traceId = '', spanId = '', flags = ''] = traceparent?.split('-') ?? [];
  return { traceId, spanId, flags };
}

/** The span, its parent, and so on: their names, up to the first that is not among the spans. */
export function lineage(spans: ReceivedSpan[], span: ReceivedSpan | undefined): string[] {
  if (!span) return [];
  return [
    span.name,
    ...lineage(
      spans,
      spans.find(({ spanId }) => spanId === span.parentSpanId),
    ),
  ];
}
