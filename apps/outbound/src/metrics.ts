import { createConsumerMetrics, createDeadLetterMetrics, createPublishMetrics } from '@bridge/telemetry';
import type { Metrics } from '@bridge/telemetry';
import type { BreakerState } from './circuit-breaker.ts';
import type { DeadLetterReason } from './deliver-send-command.ts';
import type { Verdict } from './judge-bot-answer.ts';

/** What is looked up at each scrape. */
export type Watched = {
  gates(): { connection: string; state: BreakerState; waiting: number; inFlight: number }[];
  unfinished(): Map<number, { records: number; bytes: number }>;
  progress: Parameters<typeof createConsumerMetrics>[2];
};

const deadLetterReasons: Record<DeadLetterReason, true> = {
  invalid: true,
  'unknown-connection': true,
  rejected: true,
  'attempts-exhausted': true,
  'too-old': true,
  'unknown-outcome': true,
  'connection-unavailable': true,
  'internal-error': true,
};

/** `2xx`, `4xx`…; `none` where no answer came. */
export function statusClass(verdict: Verdict): string {
  return 'status' in verdict && verdict.status !== undefined ? `${Math.floor(verdict.status / 100)}xx` : 'none';
}

/** Why another attempt is made: what the bot said by its status, or that it said nothing. */
export function retryReason(verdict: Extract<Verdict, { kind: 'again' | 'refused-key' | 'lost' }>): string {
  if (verdict.kind === 'refused-key') return 'refused-key';
  if (verdict.kind === 'lost') return 'lost-answer';
  if (verdict.status === undefined) return 'not-sent';
  return verdict.status === 429 ? 'throttled' : 'server-error';
}

/** Everything outbound counts; `topic` is that of the send commands. */
export function createOutboundMetrics(metrics: Metrics, topic: string) {
  return {
    watch(watched: Watched): void {
      watch(metrics, watched);
      createConsumerMetrics(metrics, topic, watched.progress);
    },
    onBatch: createPublishMetrics(metrics),
    attempts: metrics.counter({
      name: 'bridge_outbound_attempts_total',
      help: 'Requests to bot_url by what the answer meant: sent, rejected, again, refused-key, lost; and by the class of its status: 2xx, 4xx, 5xx, none',
      labelNames: ['connection', 'verdict', 'status'],
    }),
    retries: metrics.counter({
      name: 'bridge_outbound_retries_total',
      help: 'Further attempts that were planned, by reason: throttled, server-error, not-sent, lost-answer, refused-key',
      labelNames: ['connection', 'reason'],
    }),
    waitSeconds: metrics.histogram({
      name: 'bridge_outbound_limiter_wait_seconds',
      help: 'How long a send command waited for the limits and the breaker of its connection before it was let through',
      labelNames: ['connection'],
      buckets: [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800],
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
    endToEndSeconds: metrics.histogram({
      name: 'bridge_outbound_end_to_end_seconds',
      help: 'From the time of a send command in Kafka to its stored result; replayed ones do not count',
      labelNames: ['connection'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600],
    }),
    deadLettered: createDeadLetterMetrics(metrics, topic, deadLetterReasons),
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
    name: 'bridge_outbound_in_flight_requests',
    help: 'Requests to bot_url that are not answered yet',
    labelNames: ['connection'],
    collect() {
      this.reset();
      for (const { connection, inFlight } of gates()) this.set({ connection }, inFlight);
    },
  });
  metrics.gauge({
    name: 'bridge_outbound_unfinished_bytes',
    help: 'Size of the unfinished send commands of a partition; it is paused at 16 MiB',
    labelNames: ['partition'],
    collect() {
      this.reset();
      for (const [partition, { bytes }] of unfinished()) this.set({ partition }, bytes);
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
