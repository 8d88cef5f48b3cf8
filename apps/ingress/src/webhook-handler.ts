import { PublishError } from '@bridge/kafka';
import type { PublishErrorKind } from '@bridge/kafka';
import { traceIdOf, traceparent } from '@bridge/telemetry';
import type { Request } from 'express';
import { monotonicFactory } from 'ulid';
import type { WebhookOutcome } from './answer-webhook.ts';
import type { BodyBudget } from './body-budget.ts';
import type { CaptureRequest } from './captures/create-capturer.ts';
import type { HandshakeLimiter } from './handshake-limiter.ts';
import { mapInboundEvents } from './map-inbound-events.ts';
import type { EventRecord } from './map-inbound-events.ts';
import type { IngressMetrics } from './metrics.ts';
import { createRandom } from './random.ts';
import { receiveWebhook } from './receive-webhook.ts';
import type { IngressConnection, ReceivedEvents, SignatureCheck } from './receive-webhook.ts';
import { withRequestBody } from './request-body.ts';

/** Resolves when all records are kept for good; rejects with a `PublishError`, at the latest at the deadline. */
export type StoreEvents = (records: EventRecord[], options: { deadline: Date }) => Promise<unknown>;

export type WebhookHandlerOptions = {
  /** Asked at every request, so that a changed configuration holds at once. */
  connectionOf: (id: string) => IngressConnection | undefined;
  store: StoreEvents;
  topic: string;
  bodies: BodyBudget;
  publishTimeoutMs: number;
  handshakes: HandshakeLimiter;
  metrics: IngressMetrics;
  /** Is shown every request that was judged. */
  capture?: CaptureRequest;
  /** Is told which key fitted, by its place among the connection's. */
  keyVerified?: (connection: IngressConnection, keyIndex: number, at: Date) => void;
};

/**
 * What became of a request, and what its log line tells: ids, counts and header names, never content. Routine is what
 * nobody needs to look at, however often it comes.
 */
export type Handled = {
  outcome: WebhookOutcome;
  connection?: string | undefined;
  facts?: Record<string, unknown>;
  isRoutine?: boolean;
};

export type HandleWebhook = (request: Request) => Promise<Handled>;

/** One request and its body, empty where none was read. */
type Delivery = { request: Request; body: Buffer; now: Date };

/** Of one millisecond they ascend. */
const ulid = monotonicFactory(createRandom());

const publishFailures = {
  unavailable: { kind: 'broker-unavailable' },
  timeout: { kind: 'broker-timeout' },
  overloaded: { kind: 'overloaded' },
  'too-large': { kind: 'event-too-large' },
} as const satisfies Record<PublishErrorKind, WebhookOutcome>;

/** Reads a request, lets the step decide, and stores the events before anybody is told yes. */
export function createWebhookHandler(options: WebhookHandlerOptions): HandleWebhook {
  const { connectionOf, bodies, metrics } = options;

  return async function handleWebhook(request) {
    const now = new Date();
    const connection = connectionOf(String(request.params['connection']));
    // Of a stranger's request nothing is read: its answer is known without.
    if (connection === undefined || request.method !== 'POST') {
      return judge(options, { request, body: Buffer.alloc(0), now }, connection);
    }
    return withRequestBody(request, bodies, async (body) => {
      if (body.kind !== 'read') return { outcome: body, connection: connection.id };
      metrics.bodyRead(connection.id, body.bytes.length);
      return judge(options, { request, body: body.bytes, now }, connection);
    });
  };
}

async function judge(
  options: WebhookHandlerOptions,
  delivery: Delivery,
  connection: IngressConnection | undefined,
): Promise<Handled> {
  const { handshakes } = options;
  const { request, body, now } = delivery;
  const { method, headers, query } = request;
  const source = () => `${connection?.id} ${request.ip?.slice(0, 64)}`;
  const handshakesExhausted = () => handshakes.exhausted(source(), now);
  const received = receiveWebhook({ method, headers, query, body, connection, handshakesExhausted, now });
  options.capture?.({ request, body, connection, received, now });
  if (received.kind === 'bad-token') handshakes.failed(source(), now);
  if (received.kind !== 'received') return { outcome: received, connection: connection?.id };
  return storeEvents(options, delivery, received);
}

async function storeEvents(
  options: WebhookHandlerOptions,
  delivery: Delivery,
  received: ReceivedEvents,
): Promise<Handled> {
  const { store, topic, metrics, publishTimeoutMs } = options;
  const { events, echoes, signature, connection } = received;
  if (signature.kind === 'verified') options.keyVerified?.(connection, signature.secretIndex, delivery.now);
  const receipt = {
    id: ulid(delivery.now.getTime()),
    at: delivery.now,
    connection: connection.id,
    body: delivery.body,
    events,
    verified: signature.kind === 'verified',
    traceparent: traceparent(delivery.request.get('traceparent')),
  };
  const records = mapInboundEvents(receipt, topic);
  const facts = {
    receipt: receipt.id,
    trace_id: traceIdOf(receipt.traceparent),
    events: events.length,
    echoes,
    bytes: delivery.body.length,
    ...signatureFacts(signature, delivery.request),
  };
  try {
    if (records.length > 0) await store(records, { deadline: new Date(Date.now() + publishTimeoutMs) });
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    return {
      outcome: publishFailures[error.kind],
      connection: connection.id,
      facts: { ...facts, reason: error.message },
    };
  }
  metrics.accepted(connection.id, events, echoes, signature);
  const outcome = records.length > 0 ? ({ kind: 'accepted' } as const) : ({ kind: 'nothing-to-publish' } as const);
  // What was not verified tells which headers it had, until somebody knows which of them holds the signature.
  return { outcome, connection: connection.id, facts, isRoutine: receipt.verified };
}

/** Enough to pin the right header of a workspace whose scheme is not known yet: names, never values. */
function signatureFacts(signature: SignatureCheck, request: Request): Record<string, unknown> {
  if (signature.kind === 'verified')
    return { signature: signature.kind, header: signature.header, keyIndex: signature.secretIndex };
  return { signature: signature.kind, headerNames: Object.keys(request.headers) };
}
