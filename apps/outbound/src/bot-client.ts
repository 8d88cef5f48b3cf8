import { isDeepStrictEqual } from 'node:util';
import { createEgressAgent, EgressRefusedError, errors } from '@bridge/egress';
import type { Dispatcher } from '@bridge/egress';
import type { BotRequest } from '@bridge/schemas';
import type { BotAnswer } from './bot-answer.ts';

export type BotClient = {
  /** One request to `botUrl`; never rejects. Redirects are not followed. */
  post(botUrl: string, flowApiKey: string, body: BotRequest): Promise<BotAnswer>;
  /** Another `egress.allow` holds from the next request on; those under way end as they began. */
  permit(allow: readonly string[]): void;
  close(): Promise<void>;
};

/** Enough for any reason that is worth keeping. */
const maxAnswerBytes = 16 * 1024;

/** Calls `bot_url`, where `egress.allow` lets it, over connections that are kept alive; `timeoutMs` bounds one whole request. */
export function createBotClient(options: { timeoutMs: number; allow: readonly string[] }): BotClient {
  const { timeoutMs } = options;
  let { allow } = options;
  let agent = createAgent(allow, timeoutMs);

  function permit(next: readonly string[]): void {
    if (isDeepStrictEqual(next, allow)) return;
    // Also closes the connections that it keeps: they may lead to where none is permitted any more. While the process stops
    // it may be closed already.
    agent.close().catch(() => {});
    allow = next;
    agent = createAgent(allow, timeoutMs);
  }

  async function post(botUrl: string, flowApiKey: string, body: BotRequest): Promise<BotAnswer> {
    const answer = await call(agent, timeoutMs, { botUrl, flowApiKey, body: JSON.stringify(body) });
    if (answer.kind !== 'answered') return answer;
    return { ...answer, body: withoutSecrets(answer.body, secretsOf(botUrl, flowApiKey)) };
  }

  return { post, permit, close: () => agent.close() };
}

/**
 * One request by undici's own steps: its `request` makes a stream, a signal and a promise each for an answer of a few bytes.
 * An answer counts by its status, also when the body breaks off or takes too long.
 */
function call(
  agent: ReturnType<typeof createEgressAgent>,
  timeoutMs: number,
  { botUrl, flowApiKey, body }: { botUrl: string; flowApiKey: string; body: string },
): Promise<BotAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let [bytes, isOver] = [0, false];
    let started: Dispatcher.DispatchController | undefined;
    let head: { status: number; retryAfter?: string } | undefined;

    function end(answer: BotAnswer): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      resolve(answer);
    }
    const answered = (given: NonNullable<typeof head>) =>
      end({ kind: 'answered', ...given, body: Buffer.concat(chunks).toString('utf8', 0, maxAnswerBytes) });
    function failed(error: unknown): void {
      if (head) answered(head);
      else end({ kind: wasNotSent(error) ? 'not-sent' : 'lost-answer', error: describe(error) });
    }
    const timer = setTimeout(() => {
      const late = new Error('no answer in time');
      if (head) answered(head);
      else end({ kind: started ? 'lost-answer' : 'not-sent', error: late.message });
      started?.abort(late);
    }, timeoutMs);

    try {
      const { origin, pathname, search } = parsed(botUrl);
      const headers = {
        authorization: `Bearer ${flowApiKey}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'nicochat-bridge',
      };
      agent.dispatch(
        { origin, path: pathname + search, method: 'POST', headers, body },
        {
          onRequestStart(controller) {
            started = controller;
            // Its time passed while it waited for a connection: it is not written.
            if (isOver) controller.abort(new Error('no answer in time'));
          },
          onResponseStart(_controller, status, { 'retry-after': retryAfter }) {
            if (status >= 200) head = { status, ...(typeof retryAfter === 'string' && { retryAfter }) };
          },
          onResponseData(controller, chunk) {
            chunks.push(chunk);
            bytes += chunk.length;
            if (!head || bytes < maxAnswerBytes) return;
            answered(head);
            controller.abort(new Error('the rest of the answer is not read'));
          },
          onResponseEnd: () => head && answered(head),
          onResponseError: (_controller, error) => failed(error),
        },
      );
    } catch (error) {
      failed(error);
    }
  });
}

const createAgent = (allow: readonly string[], timeoutMs: number) =>
  createEgressAgent({
    allow,
    // Below the whole, so that what was never sent is told from what was sent and not answered.
    connect: { timeout: Math.ceil(timeoutMs * 0.8) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 30_000,
    pipelining: 1,
  });

const urls = new Map<string, URL>();

/** Of each URL once, as long as it is one of the thousands that may be in force. */
function parsed(botUrl: string): URL {
  const url = urls.get(botUrl) ?? new URL(botUrl);
  if (urls.size > 10_000) urls.clear();
  urls.set(botUrl, url);
  return url;
}

/** Servers like to repeat the path of a request, and here the path is the secret. */
function secretsOf(botUrl: string, flowApiKey: string): string[] {
  const { pathname } = parsed(botUrl);
  const secrets = [botUrl, pathname, pathname.slice(1), pathname.split('/').at(-1) ?? '', flowApiKey];
  return secrets.filter((secret) => secret.length > 3);
}

function withoutSecrets(text: string, secrets: string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

const beforeSending = new Set([
  // A client that is closed sends nothing.
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  'UND_ERR_INVALID_ARG',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);

function wasNotSent(error: unknown): boolean {
  if (error instanceof errors.ConnectTimeoutError || error instanceof EgressRefusedError) return true;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // A TLS handshake that fails breaks the connection before the request is written.
  return (
    beforeSending.has(code ?? '') ||
    syscall === 'connect' ||
    /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code ?? '')
  );
}

/** Never the URL: a bot_url is a secret. What was refused names the host. */
function describe(error: unknown): string {
  if (error instanceof EgressRefusedError) return error.message;
  const { name, code } = error as NodeJS.ErrnoException;
  return code ?? name ?? 'unknown error';
}
