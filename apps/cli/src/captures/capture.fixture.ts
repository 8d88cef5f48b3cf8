import type { Capture } from '@bridge/schemas';

/** For tests: a captured webhook, with what a test changes; `body` in clear. */
export function captureOf({
  body = '{"content":"oi"}',
  ...change
}: Partial<Capture> & { body?: string | Buffer }): Capture {
  return {
    format: 'nicochat-bridge.capture.v1',
    id: '9f3c0a12',
    connection: 'acme',
    at: '2026-11-23T12:00:00.000Z',
    verdict: 'mismatch',
    shape: '1a2b3c4d',
    words: [],
    sizeBytes: Buffer.byteLength(body),
    method: 'POST',
    path: '/webhooks/acme',
    headers: [],
    bodyBase64: Buffer.from(body).toString('base64'),
    redacted: false,
    ...change,
  };
}
