import type { Metrics } from '@bridge/telemetry';

/** Everything the router counts. */
export function createRouterMetrics(metrics: Metrics) {
  return {
    routed: metrics.counter({
      name: 'bridge_router_events_total',
      help: 'Inbound events by what became of them: routed, repeated, unroutable, unverified, invalid, too-large, channel-topic-unavailable',
      labelNames: ['decision'],
    }),
    duplicatesSuspected: metrics.counter({
      name: 'bridge_router_duplicates_suspected_total',
      help: 'Channel messages published with duplicateSuspected',
    }),
    messagesChanged: metrics.counter({
      name: 'bridge_router_messages_changed_total',
      help: 'Channel messages whose NicoChat message id came before, within ten minutes, with another body',
    }),
  };
}

export type RouterMetrics = ReturnType<typeof createRouterMetrics>;
