import { createEgressAgent, EgressRefusedError, fetch } from '@bridge/egress';
import { readManagementAnswer } from '@bridge/schemas';
import type { ManagementAction, ManagementData } from '@bridge/schemas';
import { CommandError } from './command-error.ts';
import { printable } from './printable.ts';

/** One request to the management API. */
export type ManagementCall = {
  action: ManagementAction;
  /** The address with the action in its query. */
  url: URL;
  /** The system's key, as the Bearer. */
  key: string;
  body: Record<string, unknown>;
  /** What must never be shown, should the answer repeat it. */
  secrets: string[];
  /** `egress.allow` of bridge.yaml. */
  allow: readonly string[];
};

const timeoutMs = 15_000;

/**
 * Asks NicoChat, and reads the answer as tolerantly as it is undocumented. `already-deleted` is a delete that found
 * nothing. Throws a CommandError when there was no answer, or when it was not a yes.
 */
export async function callManagement(
  call: ManagementCall,
): Promise<{ kind: 'ok'; data: ManagementData } | { kind: 'already-deleted' }> {
  const { status, text } = await post(call);
  const answer = readManagementAnswer(status, text, call.action);
  if (answer.kind === 'ok') return { kind: 'ok', data: answer.data ?? {} };
  if (call.action === 'delete' && (status === 404 || /not found/i.test(answer.message))) {
    return { kind: 'already-deleted' };
  }
  const said = printable(masked(answer.message, call.secrets));
  throw new CommandError(`${addressOf(call.url)} answered ${status}: ${said}\n${adviceFor(status)}`);
}

async function post({ url, key, body, allow }: ManagementCall): Promise<{ status: number; text: string }> {
  const agent = createEgressAgent({ allow });
  try {
    const response = await fetch(url, {
      dispatcher: agent,
      method: 'POST',
      redirect: 'manual',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof EgressRefusedError) {
      throw new CommandError(`${addressOf(url)} was not called: ${cause.message}`, 'configuration', error);
    }
    const advice = 'Is nicochat.baseUrl in bridge.yaml right, and is it reachable from here?';
    throw new CommandError(`${whyUnreachable(error, url)}\n${advice}`, 'negative', error);
  } finally {
    await agent.destroy();
  }
}

function whyUnreachable(error: unknown, url: URL): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  const reason = cause?.code ?? (cause?.message || message);
  if (name === 'TimeoutError') {
    return `${addressOf(url)} did not answer within ${timeoutMs / 1000} s; it may have done what it was asked all the same.`;
  }
  const broken = message === 'terminated' || ['UND_ERR_SOCKET', 'ECONNRESET'].includes(reason);
  return broken
    ? `${addressOf(url)} broke the connection off (${reason})`
    : `could not connect to ${addressOf(url)} (${reason})`;
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403) return 'Check chaveApi, workspace and email in bridge.yaml.';
  if (status >= 300 && status < 400)
    return 'That is a redirect, and the key is not sent on: put its target in nicochat.baseUrl.';
  if (status === 429 || status >= 500) return 'Try again later.';
  return [
    'Check nicochat.baseUrl, nicochat.actions, workspace and email in bridge.yaml;',
    'if the handshake failed: that nicochat.publicUrl leads to ingress, and that ingress runs with the same verification key.',
  ].join('\n');
}

/** Without the query, which may hold what is nobody's business. */
const addressOf = (url: URL) => `${url.origin}${url.pathname}`;

/** An answer that can't be read is shown as it came, and may repeat what we sent or what NicoChat keeps. */
function masked(text: string, secrets: string[]): string {
  const known = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  return known.replaceAll(secretField, '"$1":"***"');
}

const secretField = /"(webhook_verification_key|bot_url|ChaveApi)"\s*:\s*"[^"]*("|$)/g;
