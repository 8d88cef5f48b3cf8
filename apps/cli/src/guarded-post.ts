import { createEgressAgent, EgressRefusedError, fetch } from '@bridge/egress';

export type Post = {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** `egress.allow` of bridge.yaml. */
  allow: readonly string[];
  timeoutMs: number;
};

/** `reason` is the system's word for it; it names no part of the address but the host. */
export type Posted =
  | { kind: 'answered'; status: number; headers: Record<string, string>; text: string }
  | { kind: 'not-allowed' | 'unknown-host' | 'untrusted' | 'no-connection' | 'broken-off' | 'timeout'; reason: string };

const unknownHost = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME']);
const brokenOff = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
/** Of OpenSSL and of Node's own check of the name. */
const untrusted =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|EPROTO|INVALID_CA|PATH_LENGTH)/;

/** Posts by the egress guard, follows no redirect, and never throws for what the network does. */
export async function guardedPost({ url, headers, body, allow, timeoutMs }: Post): Promise<Posted> {
  const agent = createEgressAgent({ allow });
  try {
    const response = await fetch(url, {
      dispatcher: agent,
      method: 'POST',
      redirect: 'manual',
      headers,
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return { kind: 'answered', status: response.status, headers: Object.fromEntries(response.headers), text };
  } catch (error) {
    return whyUnanswered(error as Error);
  } finally {
    await agent.destroy();
  }
}

function whyUnanswered({ name, message, cause }: Error): Exclude<Posted, { kind: 'answered' }> {
  if (cause instanceof EgressRefusedError) return { kind: 'not-allowed', reason: cause.message };
  if (name === 'TimeoutError') return { kind: 'timeout', reason: 'no answer in time' };
  const { code, message: inner } = (cause ?? {}) as { code?: string; message?: string };
  const reason = code ?? (inner || message);
  if (unknownHost.has(reason)) return { kind: 'unknown-host', reason };
  if (untrusted.test(reason)) return { kind: 'untrusted', reason };
  if (message === 'terminated' || brokenOff.has(reason)) return { kind: 'broken-off', reason };
  return { kind: 'no-connection', reason };
}
