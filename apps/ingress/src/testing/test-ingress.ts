import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { OutgoingRecord } from '@bridge/kafka';
import { createMetrics, silentLogger } from '@bridge/telemetry';
import { createBodyBudget } from '../body-budget.ts';
import type { CaptureRequest } from '../captures/create-capturer.ts';
import { createHandshakeLimiter } from '../handshake-limiter.ts';
import { createIngressMetrics } from '../metrics.ts';
import type { IngressConnection } from '../receive-webhook.ts';
import { testConnection } from './test-connection.ts';
import { createWebhookApp } from '../webhook-app.ts';
import { createWebhookHandler } from '../webhook-handler.ts';
import type { StoreEvents } from '../webhook-handler.ts';
import { createWebhookServer } from '../webhook-server.ts';

export type Reply = { status: number; headers: IncomingHttpHeaders; body: string };
export type Sent = {
  method?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
};

/** The ingress on a free port, as main.ts builds it; `stored` is what went to the store when the test gives none. */
export async function startIngress(
  options: {
    connections?: IngressConnection[];
    store?: StoreEvents;
    topic?: string;
    bodyLimitBytes?: number;
    publishTimeoutMs?: number;
    trustedProxies?: string[];
    handshakeBurst?: number;
    maxConnections?: number;
    capture?: CaptureRequest;
  } = {},
) {
  const stored: OutgoingRecord[] = [];
  const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields: { ...fields }, message });
  const connections = new Map((options.connections ?? [testConnection()]).map((one) => [one.id, one]));
  const appMetrics = createMetrics('ingress');
  const bodies = createBodyBudget(options.bodyLimitBytes ?? 1_048_576);
  const metrics = createIngressMetrics(appMetrics, bodies.usedBytes);
  const handle = createWebhookHandler({
    connectionOf: (id) => connections.get(id),
    store: options.store ?? (async (records) => void stored.push(...records)),
    topic: options.topic ?? 'inbound-events',
    bodies,
    publishTimeoutMs: options.publishTimeoutMs ?? 2_000,
    handshakes: createHandshakeLimiter({ burst: options.handshakeBurst ?? 60 }),
    metrics,
    ...(options.capture && { capture: options.capture }),
  });
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const app = createWebhookApp({ handle, trustedProxies: options.trustedProxies ?? [], metrics, log });
  const server = createWebhookServer({
    app,
    host: '127.0.0.1',
    port: 0,
    log: silentLogger,
    farewellMs: 0,
    onRefused: metrics.connectionRefused,
    ...(options.maxConnections && { maxConnections: options.maxConnections }),
  });
  await server.start?.();
  const { port } = server.address();

  return {
    port,
    stored,
    lines,
    send: (sent: Sent = {}) => send(port, sent),
    raw: (bytes: string) => sendRaw(port, bytes),
    /** The value of one series, as a scrape shows it; 0 when there is none. */
    async metric(series: string): Promise<number> {
      const line = (await appMetrics.render()).body.split('\n').find((one) => one.startsWith(`${series} `));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    stop: (deadline = new Date(Date.now() + 5_000)) => server.stop?.({ deadline }),
  };
}

async function send(
  port: number,
  { method = 'POST', path = '/webhooks/acme', headers = {}, body }: Sent,
): Promise<Reply> {
  const length =
    body === undefined || 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) };
  const all = { ...length, ...headers };
  const request = httpRequest({ host: '127.0.0.1', port, method, path, headers: all, agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** Writes bytes as they are, ends its half of the connection and returns all that comes back. */
async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}
