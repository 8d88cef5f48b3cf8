import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { url: string; headers: IncomingHttpHeaders; body: Buffer };
type Reply = { status: number; body: string };

/** The challenge of a handshake in any of the three encodings; undefined when the request is none. */
export function challengeIn({ url, headers, body }: Received): { token: string; challenge: string } | undefined {
  const text = body.toString();
  const fields =
    headers['content-type'] === 'application/json' && text.startsWith('{"hub_')
      ? new Map(Object.entries(JSON.parse(text) as Record<string, string>))
      : new URLSearchParams(text || url.split('?')[1]);
  if (fields.get('hub_mode') !== 'subscribe') return undefined;
  return { token: fields.get('hub_verify_token') ?? '', challenge: fields.get('hub_challenge') ?? '' };
}

const answerAsDocumented = (request: Received): Reply => ({
  status: 200,
  body: challengeIn(request)?.challenge ?? '{"status":"ok"}',
});

/** A webhook on a free port that keeps what it got; `reply` may answer otherwise than documented. */
export async function startReceiver(reply: (request: Received) => Reply | Promise<Reply> = answerAsDocumented) {
  const received: Received[] = [];
  const aborted: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => aborted.push(Buffer.concat(chunks).toString()));
    request.on('end', () => {
      const got = { url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
      received.push(got);
      void Promise.resolve(reply(got)).then(({ status, body }) => response.writeHead(status).end(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/demo`,
    received,
    /** What had come of the bodies that were cut off. */
    aborted,
    bodies: () => received.map(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>),
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
