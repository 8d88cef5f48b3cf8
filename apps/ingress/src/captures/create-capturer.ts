import { randomBytes } from 'node:crypto';
import type { Capture } from '@bridge/schemas';
import type { Request } from 'express';
import type { IngressConnection, Received } from '../receive-webhook.ts';
import type { CaptureStore } from './capture-store.ts';
import { redactRequest } from './redact-request.ts';
import { shapeOf } from './shape-of.ts';

/** A request that was read and judged. */
export type JudgedRequest = {
  request: Pick<Request, 'method' | 'originalUrl' | 'rawHeaders'>;
  body: Buffer;
  connection: IngressConnection | undefined;
  received: Received;
  now: Date;
};

/** Keeps a request if its connection wants requests kept (`signature.capture`). */
export type CaptureRequest = (judged: JudgedRequest) => void;

type Verdict = Capture['verdict'];

/** What is kept, and as what. A handshake with a wrong token is not: the token may be a key that we do not know yet. */
const verdicts = {
  received: ({ signature }) => signature.kind,
  handshake: () => 'handshake',
  'signature-missing': () => 'missing',
  'signature-mismatch': () => 'mismatch',
  'signature-stale': () => 'stale',
  'not-json': () => 'not-json',
  'unknown-connection': () => undefined,
  'method-not-allowed': () => undefined,
  'handshake-throttled': () => undefined,
  'bad-token': () => undefined,
  'bad-challenge': () => undefined,
} satisfies { [Kind in Received['kind']]: (received: Extract<Received, { kind: Kind }>) => Verdict | undefined };

/** @param onCaptured is told of each request that was kept */
export function createCapturer(store: CaptureStore, onCaptured: (connection: string) => void): CaptureRequest {
  return ({ request, body, connection, received, now }) => {
    const limit = connection?.signature.capture ?? 0;
    const verdict = (verdicts[received.kind] as (received: Received) => Verdict | undefined)(received);
    if (connection === undefined || limit === 0 || verdict === undefined) return;
    const names = request.rawHeaders.filter((_name, at) => at % 2 === 0);
    const kind = { connection: connection.id, verdict, ...shapeOf(names, body) };
    if (!store.wants(kind, limit)) return;
    const keys = connection.verificationKeys.map(({ key }) => key);
    const redacted = redactRequest({ rawHeaders: request.rawHeaders, url: request.originalUrl, body }, keys);
    const capture: Capture = {
      format: 'nicochat-bridge.capture.v1',
      id: randomBytes(4).toString('hex'),
      ...kind,
      at: now.toISOString(),
      sizeBytes: body.length,
      method: request.method,
      path: redacted.path,
      headers: redacted.headers,
      bodyBase64: redacted.body.toString('base64'),
      redacted: redacted.redacted,
    };
    if (store.add(capture)) onCaptured(connection.id);
  };
}
