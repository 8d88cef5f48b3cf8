import { beginMessage } from '../sink/read-call.ts';
import { answerParent } from '../world/answer-parent.ts';
import { createClosedLoop } from './closed-loop.ts';
import type { LoadReport } from './closed-loop.ts';
import { streamRequests } from './open-loop.ts';
import type { StreamReport } from './open-loop.ts';
import { webhookBody, webhookRequest } from './webhooks.ts';

/** What the load generator, a process of its own, is asked. */
export type LoadQuestion =
  | {
      kind: 'open';
      urls: string[];
      connections: number;
      conversations: number;
      sizeBytes: number;
      /** How many different ones take turns; without it each is another one. */
      bodies?: number;
    }
  | { kind: 'run'; seconds: number }
  | {
      kind: 'stream';
      /** Makes the messages of one stream others than those of the next. */
      name: string;
      url: string;
      perSecond: number;
      seconds: number;
      conversations: number;
      sizeBytes: number;
    };

export type LoadAnswer = LoadReport & StreamReport;

let loop: ReturnType<typeof createClosedLoop> | undefined;

answerParent((question: LoadQuestion): unknown => {
  if (question.kind === 'run') return loop?.run(question.seconds);
  if (question.kind === 'stream') return stream(question);
  loop?.close();
  loop = openLoop(question);
  return undefined;
});

const conversationOf = (index: number, conversations: number) => String(1_000 + (index % conversations));

/** The URLs take turns. */
function openLoop({ urls, connections, bodies, conversations, sizeBytes }: LoadQuestion & { kind: 'open' }) {
  const parsed = urls.map((url) => new URL(url));
  const make = (index: number) => {
    const { host, pathname } = parsed[index % parsed.length] as URL;
    const conversationId = conversationOf(index, conversations);
    return webhookRequest({ host, path: pathname, body: webhookBody({ id: `m-${index}`, conversationId, sizeBytes }) });
  };
  const ready = Array.from({ length: bodies === undefined ? 0 : Math.max(bodies, parsed.length) }, (_, index) =>
    make(index),
  );
  const request = ready.length > 0 ? (index: number) => ready[index % ready.length] as Buffer : make;
  const targets = new Map(
    parsed.map(({ host, hostname, port }) => [host, { host: hostname, port: Number(port) || 80 }]),
  );
  return createClosedLoop({ targets: [...targets.values()], connections, request });
}

/** Each message tells when it was due. */
function stream({ name, url, perSecond, seconds, conversations, sizeBytes }: LoadQuestion & { kind: 'stream' }) {
  const { host, hostname, port, pathname } = new URL(url);
  return streamRequests({
    target: { host: hostname, port: Number(port) || 80 },
    perSecond,
    seconds,
    request(index, dueMs) {
      const conversationId = conversationOf(index, conversations);
      const id = `${name}-${index}`;
      const body = webhookBody({ id, conversationId, sizeBytes, begin: beginMessage(index, dueMs) });
      return webhookRequest({ host, path: pathname, body });
    },
  });
}
