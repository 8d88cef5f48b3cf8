import { randomBytes } from 'node:crypto';
import type { Journal } from './journal.ts';
import type { PostOutcome, PostWebhook } from './post-webhook.ts';
import type { Webhook, Workspace } from './workspaces.ts';

export type HandshakeOutcome = { kind: 'verified' } | { kind: 'refused'; reason: string };

type HandshakeRequest = { url: string; headers: Record<string, string>; body: Buffer };

/** NicoChat documents that the three parameters come by POST, not how they are encoded: so that is a setting. */
const encode: Record<Workspace['handshake'], (url: string, parameters: Record<string, string>) => HandshakeRequest> = {
  form: (url, parameters) => ({
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams(parameters).toString()),
  }),
  json: (url, parameters) => ({
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(parameters)),
  }),
  query: (url, parameters) => {
    const withQuery = new URL(url);
    for (const [name, value] of Object.entries(parameters)) withQuery.searchParams.set(name, value);
    return { url: withQuery.href, headers: {}, body: Buffer.alloc(0) };
  },
};

function judge(posted: PostOutcome, challenge: string): HandshakeOutcome {
  if (posted.kind === 'failed') return { kind: 'refused', reason: posted.reason };
  if (posted.status !== 200) return { kind: 'refused', reason: `the webhook answered ${posted.status}` };
  return posted.answer === challenge
    ? { kind: 'verified' }
    : { kind: 'refused', reason: 'the answer is not the value of hub_challenge' };
}

/** Asks the webhook to prove that it knows the verification key: it must answer 200 and the challenge, nothing else. */
export async function runHandshake(
  { workspace, webhook }: { workspace: Workspace; webhook: Webhook },
  { post, journal }: { post: PostWebhook; journal: Journal },
): Promise<HandshakeOutcome> {
  const challenge = randomBytes(16).toString('hex');
  const request = encode[workspace.handshake](webhook.url, {
    hub_mode: 'subscribe',
    hub_verify_token: webhook.verificationKey,
    hub_challenge: challenge,
  });
  const posted = await post({ ...request, timeoutMs: workspace.delivery.timeoutMs });
  const outcome = judge(posted, challenge);
  journal.add({
    ...request,
    kind: 'handshake',
    workspace: workspace.id,
    conversation: null,
    method: 'POST',
    status: posted.kind === 'answered' ? posted.status : null,
    ...(posted.kind === 'answered' && { answer: posted.answer }),
    outcome: outcome.kind,
    ...(outcome.kind === 'refused' && { detail: outcome.reason }),
  });
  return outcome;
}
