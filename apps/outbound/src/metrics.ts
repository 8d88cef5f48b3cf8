import type { Metrics } from '@bridge/telemetry';
import type { BreakerState } from './circuit-breaker.ts';

/** What is looked up at each scrape. */
export type Watched = {
  gates(): { connection: string; state: BreakerState; waiting: number }[];
  unfinished(): Map<number, { records: number; bytes: number }>;
};

/** Everything outbound counts. */
export function createOutboundMetrics(metrics: Metrics) {
  return {
    watch: (watched: Watched) => watch(metrics, watched),
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

function watch(metrics: Metrics, { gates, unfinished }: Watched): void {
  metrics.gauge({
    name: 'bridge_outbound_breaker_open',
    help: '1 while the breaker of a connection lets no call through or tries a single one, else 0',
    labelNames: ['connection'],
    collect() {
      // Connections that were removed leave no series behind.
      this.reset();
      for (const { connection, state } of gates()) this.set({ connection }, state === 'closed' ? 0 : 1);
    },
  });
  metrics.gauge({
    name: 'bridge_outbound_waiting_commands',
    help: 'Send commands that wait for the limits or the breaker of their connection, one a conversation',
    labelNames: ['connection'],
    collect() {
      this.reset();
      for (const { connection, waiting } of gates()) this.set({ connection }, waiting);
    },
  });
  metrics.gauge({
    name: 'bridge_outbound_unfinished_commands',
    help: 'Send commands taken from a partition and not settled yet; the partition is paused at 5,000',
    labelNames: ['partition'],
    collect() {
      // Partitions that went elsewhere leave no series behind.
      this.reset();
      for (const [partition, { records }] of unfinished()) this.set({ partition }, records);
    },
  });
}

export type OutboundMetrics = ReturnType<typeof createOutboundMetrics>;
