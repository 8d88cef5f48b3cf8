import type { Metrics } from '@bridge/telemetry';

/** Everything outbound counts. */
export function createOutboundMetrics(metrics: Metrics) {
  return {
    attempts: metrics.counter({
      name: 'bridge_outbound_attempts_total',
      help: 'Requests to bot_url by what the answer meant: sent, rejected, again, refused-key, lost',
      labelNames: ['connection', 'verdict'],
    }),
    attemptSeconds: metrics.histogram({
      name: 'bridge_outbound_attempt_duration_seconds',
      help: 'Time from a request to bot_url to its answer',
      labelNames: ['connection'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    results: metrics.counter({
      name: 'bridge_outbound_results_total',
      help: 'Send commands by their final outcome; connection is unknown when none was read',
      labelNames: ['connection', 'outcome'],
    }),
    deadLetters: metrics.counter({
      name: 'bridge_outbound_dead_letters_total',
      help: 'Send commands that became dead letters, by reason',
      labelNames: ['reason'],
    }),
  };
}

export type OutboundMetrics = ReturnType<typeof createOutboundMetrics>;
