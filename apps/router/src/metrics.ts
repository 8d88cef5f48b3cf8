import { createConsumerMetrics, createDeadLetterMetrics } from '@bridge/telemetry';
import type { Metrics } from '@bridge/telemetry';
import type { Mapping } from './map-inbound-record.ts';

/** What becomes a dead letter, by reason. */
const deadLetterReasons = {
  invalid: true,
  unroutable: true,
  unverified: true,
  'too-large': true,
  'channel-topic-unavailable': true,
} as const satisfies Record<Exclude<Mapping['kind'], 'routed' | 'repeated'>, true>;

/** Everything the router counts; `topic` is what it reads. */
export function createRouterMetrics(metrics: Metrics, topic: string) {
  return {
    watch: (progress: Parameters<typeof createConsumerMetrics>[2]) => createConsumerMetrics(metrics, topic, progress),
    routed: metrics.counter({
      name: 'bridge_router_events_total',
      help: 'Inbound events by what became of them: routed, repeated, unroutable, unverified, invalid, too-large, channel-topic-unavailable',
      labelNames: ['decision'],
    }),
    deadLettered: createDeadLetterMetrics(metrics, topic, deadLetterReasons),
    duplicatesSuspected: metrics.counter({
      name: 'bridge_router_duplicates_suspected_total',
      help: 'Channel messages published with duplicateSuspected',
    }),
    messagesChanged: metrics.counter({
      name: 'bridge_router_messages_changed_total',
      help: 'Channel messages whose NicoChat message id came before, within ten minutes, with another body',
    }),
    transactions: metrics.counter({
      name: 'bridge_router_transactions_total',
      help: 'Transactions: committed; aborted because a topic refused its part; or failed, which is found out afterwards',
      labelNames: ['outcome'],
    }),
    endToEndSeconds: metrics.histogram({
      name: 'bridge_inbound_end_to_end_seconds',
      help: 'From the receipt of a webhook to the commit of its channel message; replayed ones do not count',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
    }),
  };
}

export type RouterMetrics = ReturnType<typeof createRouterMetrics>;
