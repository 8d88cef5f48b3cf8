import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Answer = { status: number; body: string; headers?: Record<string, string> };
type Answering = (echo: Answer, count: number, handshake: { token: string; challenge: string }) => Answer;

export type FakeIngress = Awaited<ReturnType<typeof startFakeIngress>>;

/** For tests: what stands at the public URL. It answers handshakes of `verification-key-1` rightly, unless told otherwise. */
export async function startFakeIngress() {
  const requests: { method: string; url: string; body: string }[] = [];
  let answering: Answering = (echo) => echo;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const handshake = new URLSearchParams(body);
      const challenge = handshake.get('hub_challenge') ?? '';
      const token = handshake.get('hub_verify_token') ?? '';
      const refusal = { status: 403, body: '', headers: { 'x-content-type-options': 'nosniff' } };
      const echo = token === 'verification-key-1' ? { status: 200, body: challenge } : refusal;
      const { status, body: answer, headers } = answering(echo, requests.length, { token, challenge });
      requests.push({ method: request.method ?? '', url: request.url ?? '', body });
      response.writeHead(status, headers).end(answer);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    webhookUrl: `${url}/webhooks/acme`,
    requests,
    answer: (next: Answering) => void (answering = next),
    reset: () => {
      requests.length = 0;
      answering = (echo) => echo;
    },
    stop: () => void server.close(),
  };
}
