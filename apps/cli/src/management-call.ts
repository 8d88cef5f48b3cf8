import { readManagementAnswer } from '@bridge/schemas';
import type { ManagementAction, ManagementData } from '@bridge/schemas';
import { CommandError } from './command-error.ts';
import { guardedPost } from './guarded-post.ts';
import type { Posted } from './guarded-post.ts';
import { printable } from './printable.ts';

/** One request to the management API. */
export type ManagementCall = {
  action: ManagementAction;
  /** The address with the action in its query. */
  url: URL;
  /** The system's key, and the name of its field in the body. */
  key: string;
  keyField: string;
  /** Without the key. */
  body: Record<string, unknown>;
  /** What must never be shown, should the answer repeat it. */
  secrets: string[];
  /** `egress.allow` of bridge.yaml. */
  allow: readonly string[];
};

/** How the key was sent: NicoChat's page names the header and the field, and not which one counts. */
export type KeyWay = 'header and field' | 'header' | 'field';

/** `wasGone`: a delete found nothing to delete. */
export type ManagementYes = { data: ManagementData; keyWay: KeyWay; wasGone: boolean };

type Answered = Extract<Posted, { kind: 'answered' }>;

const timeoutMs = 15_000;
const keyWays = ['header and field', 'header', 'field'] as const satisfies KeyWay[];
/** Answers that may mean that the key was not liked where it stood. */
const refusals = new Set([400, 401, 403, 422]);

/**
 * Asks NicoChat, and reads the answer as tolerantly as it is undocumented. A key that is refused in header and field is
 * sent once more in each alone. Throws a CommandError when there was no answer, or when it was not a yes.
 */
export async function callManagement(call: ManagementCall): Promise<ManagementYes> {
  const refused: { keyWay: KeyWay; said: string; status: number }[] = [];
  for (const keyWay of keyWays) {
    const { status, text } = await post(call, keyWay);
    const answer = readManagementAnswer(status, text, call.action);
    if (answer.kind === 'ok') return { data: answer.data ?? {}, keyWay, wasGone: false };
    if (call.action === 'delete' && (status === 404 || /not found/i.test(answer.message))) {
      return { data: {}, keyWay, wasGone: true };
    }
    refused.push({ keyWay, status, said: `${status}: ${printable(masked(answer.message, call.secrets))}` });
    if (!refusals.has(status)) break;
  }
  const [first, ...others] = refused;
  const differing = others.filter(({ said }) => said !== first?.said);
  throw new CommandError(
    [
      `${addressOf(call.url)} answered ${first?.said}`,
      ...differing.map(({ keyWay, said }) => `With the key in the ${keyWay} alone it answered ${said}`),
      adviceFor(first?.status ?? 0),
    ].join('\n'),
  );
}

async function post({ url, key, keyField, body, allow }: ManagementCall, keyWay: KeyWay): Promise<Answered> {
  const posted = await guardedPost({
    url,
    headers: {
      ...(keyWay !== 'field' && { authorization: `Bearer ${key}` }),
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify(keyWay === 'header' ? body : withKey(body, keyField, key)),
    allow,
    timeoutMs,
  });
  if (posted.kind === 'answered') return posted;
  if (posted.kind === 'not-allowed') {
    throw new CommandError(`${addressOf(url)} was not called: ${posted.reason}`, 'configuration');
  }
  const advice = 'Is nicochat.baseUrl in bridge.yaml right, and is it reachable from here?';
  throw new CommandError(`${whyUnanswered(posted, url)}\n${advice}`);
}

/** In the order of NicoChat's page: who asks, then what for. */
function withKey(body: Record<string, unknown>, keyField: string, key: string): Record<string, unknown> {
  const { workspace, email, ...rest } = body;
  return { workspace, email, [keyField]: key, ...rest };
}

function whyUnanswered({ kind, reason }: Exclude<Posted, Answered>, url: URL): string {
  if (kind === 'timeout') {
    return `${addressOf(url)} did not answer within ${timeoutMs / 1000} s; it may have done what it was asked all the same.`;
  }
  return kind === 'broken-off'
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
