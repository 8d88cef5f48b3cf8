import { answerParent } from '../world/answer-parent.ts';
import { createClosedLoop } from './closed-loop.ts';
import type { LoadReport } from './closed-loop.ts';
import { webhookBody, webhookRequest } from './webhooks.ts';

/** What the load generator, a process of its own, is asked. */
export type LoadQuestion =
  | { kind: 'open'; urls: string[]; connections: number; bodies: number; conversations: number; sizeBytes: number }
  | { kind: 'run'; seconds: number };

let loop: ReturnType<typeof createClosedLoop> | undefined;

answerParent((question: LoadQuestion): LoadReport | Promise<LoadReport> | undefined => {
  if (question.kind === 'run') return loop?.run(question.seconds);
  loop?.close();
  loop = openLoop(question);
  return undefined;
});

/** Each URL is a connection of the bridge: its requests are as many as its share of the bodies. */
function openLoop({ urls, connections, bodies, conversations, sizeBytes }: LoadQuestion & { kind: 'open' }) {
  const parsed = urls.map((url) => new URL(url));
  const requests = Array.from({ length: Math.max(bodies, parsed.length) }, (_, index) => {
    const conversationId = String(1_000 + (index % conversations));
    const { host, pathname } = parsed[index % parsed.length] as URL;
    return webhookRequest({ host, path: pathname, body: webhookBody({ id: `m-${index}`, conversationId, sizeBytes }) });
  });
  const targets = new Map(
    parsed.map(({ host, hostname, port }) => [host, { host: hostname, port: Number(port) || 80 }]),
  );
  return createClosedLoop({ targets: [...targets.values()], connections, requests });
}
