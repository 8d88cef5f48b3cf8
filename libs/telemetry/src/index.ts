export { createLogger, silentLogger, type Logger, type LoggerOptions } from './logger.ts';
export {
  createMetrics,
  type Counter,
  type DeclaredMetric,
  type Gauge,
  type Histogram,
  type Metrics,
} from './metrics.ts';
export { createConsumerMetrics, createDeadLetterMetrics, createPublishMetrics } from './shared-metrics.ts';
export { traceparent } from './traceparent.ts';
export { withSpan, type SpanOptions } from './with-span.ts';
