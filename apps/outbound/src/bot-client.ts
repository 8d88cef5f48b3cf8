import { isDeepStrictEqual } from 'node:util';
import { createEgressAgent, EgressRefusedError, errors, request } from '@bridge/egress';
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
    try {
      const response = await request(botUrl, {
        dispatcher: agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${flowApiKey}`,
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': 'nicochat-bridge',
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const retryAfter = response.headers['retry-after'];
      return {
        kind: 'answered',
        status: response.statusCode,
        ...(typeof retryAfter === 'string' && { retryAfter }),
        body: withoutSecrets(await beginningOf(response.body), botUrl, flowApiKey),
      };
    } catch (error) {
      return { kind: wasNotSent(error) ? 'not-sent' : 'lost-answer', error: describe(error) };
    }
  }

  return { post, permit, close: () => agent.close() };
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

/** Servers like to repeat the path of a request, and here the path is the secret. */
function withoutSecrets(text: string, botUrl: string, flowApiKey: string): string {
  const { pathname } = new URL(botUrl);
  const secrets = [botUrl, pathname, pathname.slice(1), pathname.split('/').at(-1) ?? '', flowApiKey];
  return secrets
    .filter((secret) => secret.length > 3)
    .reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

/** The status is what counts: an answer whose body breaks off is an answer. */
async function beginningOf(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxAnswerBytes) break;
    }
  } catch {
    body.destroy();
  }
  return Buffer.concat(chunks).subarray(0, maxAnswerBytes).toString('utf8');
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
  if (name === 'TimeoutError') return 'no answer in time';
  return code ?? name ?? 'unknown error';
}
