export { createLogger, silentLogger, type Logger, type LoggerOptions } from './logger.ts';
export { startCommit, startProcess, startSend, traceBatches, traceSends } from './messaging-spans.ts';
export {
  createMetrics,
  type Counter,
  type DeclaredMetric,
  type Gauge,
  type Histogram,
  type Metrics,
} from './metrics.ts';
export { createConsumerMetrics, createDeadLetterMetrics, createPublishMetrics } from './shared-metrics.ts';
export { activeSpan, type TracedSpan } from './start-span.ts';
export { traceIdOf, traceparent } from './traceparent.ts';
export { isTracing } from './tracing-state.ts';
export { runInSpan, withSpan } from './with-span.ts';
