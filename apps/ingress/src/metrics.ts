import { createDeadLetterMetrics, createPublishMetrics } from '@bridge/telemetry';
import type { Metrics } from '@bridge/telemetry';
import type { NormalizedEvent } from '@bridge/schemas';
import type { WebhookOutcomeKind } from './answer-webhook.ts';
import type { SignatureCheck } from './receive-webhook.ts';
import type { SpoolSize } from './spool.ts';

/** The label of requests that belong to no configured connection, so that strangers add no series. */
const unknownConnection = 'unknown';

/** Outcomes that raise an alert. */
const alerting = [
  'broker-unavailable',
  'broker-timeout',
  'overloaded',
  'body-shed',
  'internal-error',
] as const satisfies WebhookOutcomeKind[];

export type IngressMetrics = ReturnType<typeof createIngressMetrics>;

/**
 * Every metric of the ingress. Labels are bounded: connections by the configuration, the others by closed unions.
 * `heldBytes` is asked at each scrape.
 */
export function createIngressMetrics(metrics: Metrics, heldBytes: () => number) {
  const echoes = metrics.counter({
    name: 'bridge_webhook_echoes_total',
    help: "Messages dropped because they only repeat an end user's own.",
    labelNames: ['connection'],
  });
  const unverified = metrics.counter({
    name: 'bridge_webhook_unverified_total',
    help: 'Requests accepted without a right signature (modes monitor and off), by what was wrong with it.',
    labelNames: ['connection', 'reason'],
  });
  const bodyBytes = metrics.histogram({
    name: 'bridge_webhook_body_bytes',
    help: 'Size of the bodies that were read whole.',
    labelNames: ['connection'],
    buckets: [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304],
  });
  metrics.gauge({
    name: 'bridge_webhook_held_bytes',
    help: 'Memory taken by bodies that are being read or stored.',
    collect() {
      this.set(heldBytes());
    },
  });
  const refusedConnections = metrics.counter({
    name: 'bridge_ingress_refused_connections_total',
    help: 'Connections to the webhook port closed at once, because there were too many.',
  });
  const inboundEvents = metrics.counter({
    name: 'bridge_inbound_events_total',
    help: 'Inbound events stored, by the kind of their message.',
    labelNames: ['connection', 'kind'],
  });

  return {
    ...createRequestMetrics(metrics),
    connectionRefused: () => refusedConnections.inc(),
    bodyRead(connection: string, bytes: number): void {
      bodyBytes.observe({ connection }, bytes);
    },
    /** Once the events are stored: a request that is answered 503 and sent again counts once. */
    accepted(connection: string, events: NormalizedEvent[], echoCount: number, signature: SignatureCheck): void {
      for (const { message } of events) inboundEvents.inc({ connection, kind: message.kind });
      if (echoCount > 0) echoes.inc({ connection }, echoCount);
      if (signature.kind !== 'verified') unverified.inc({ connection, reason: signature.kind });
    },
  };
}

/** Of each request: that it came, and how it was answered. */
function createRequestMetrics(metrics: Metrics) {
  const webhooks = metrics.counter({
    name: 'bridge_webhooks_total',
    help: 'Requests at the webhook port, handshakes among them, by connection and by what became of them.',
    labelNames: ['connection', 'outcome'],
  });
  const durationSeconds = metrics.histogram({
    name: 'bridge_webhook_duration_seconds',
    help: "From a request's headers to its answer.",
    labelNames: ['connection'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const known = new Set<string>();
  /** A counter that begins with 1 has not increased, as Prometheus sees it: the first refusal would raise no alert. */
  function know(connection: string): void {
    known.add(connection);
    for (const outcome of alerting) webhooks.inc({ connection, outcome }, 0);
  }

  let underWay = 0;
  metrics.gauge({
    name: 'bridge_webhook_in_flight_requests',
    help: 'Requests that are not answered yet.',
    collect() {
      this.set(underWay);
    },
  });
  return {
    came: () => void (underWay += 1),
    /** Once for each that came. */
    answered(id: string | undefined, outcome: WebhookOutcomeKind, seconds: number): void {
      const connection = id ?? unknownConnection;
      underWay -= 1;
      if (!known.has(connection)) know(connection);
      webhooks.inc({ connection, outcome });
      durationSeconds.observe({ connection }, seconds);
    },
  };
}

/** What of publishing is measured. */
export const createEventMetrics = (metrics: Metrics) => ({ onBatch: createPublishMetrics(metrics) });

/** The spool's metrics; without a spool there are none. `size` is asked at each scrape; `topic` is that of the events. */
export function createSpoolMetrics(metrics: Metrics, topic: string, size: () => SpoolSize) {
  const gauge = (name: `bridge_${string}`, help: string, value: (now: SpoolSize) => number) =>
    metrics.gauge({
      name,
      help,
      collect() {
        this.set(value(size()));
      },
    });
  gauge('bridge_ingress_spool_records', 'Events that wait in the spool.', ({ records }) => records);
  gauge('bridge_ingress_spool_bytes', 'What they count for against the limit.', ({ bytes }) => bytes);
  gauge('bridge_ingress_spool_oldest_age_seconds', 'How long the first of them waits; 0 when none does.', (now) =>
    now.oldestAt ? Math.max(0, (Date.now() - now.oldestAt.getTime()) / 1_000) : 0,
  );
  gauge(
    'bridge_ingress_spool_set_aside_records',
    'Events that no topic takes, in the spool for people.',
    (now) => now.setAside,
  );
  const spooled = metrics.counter({
    name: 'bridge_ingress_spooled_records_total',
    help: 'Events that went to the spool.',
  });
  const deadLettered = createDeadLetterMetrics(metrics, topic, { 'too-large': true });
  return { spooled: (records: number) => spooled.inc(records), deadLettered: () => deadLettered('too-large') };
}

/** Captured requests: how many were taken, and how many are held now (`held`, asked at each scrape). */
export function createCaptureMetrics(metrics: Metrics, held: () => readonly { connection: string }[]) {
  metrics.gauge({
    name: 'bridge_ingress_captures',
    help: 'Captured requests held in memory, with what people wrote.',
    labelNames: ['connection'],
    collect() {
      this.reset();
      for (const { connection } of held()) this.inc({ connection });
    },
  });
  const captured = metrics.counter({
    name: 'bridge_ingress_captured_total',
    help: 'Requests captured (signature.capture).',
    labelNames: ['connection'],
  });
  return { captured: (connection: string) => captured.inc({ connection }) };
}
