import { managementRequestSchemas, type SetWebhookRequest } from '@bridge/schemas';
import { Router, type RequestHandler } from 'express';
import type { Answer } from './exchange.ts';
import { answerUnder, bearerToken, give, headersOf, rawBody, readRawBody, statusOf, takesEffect } from './exchange.ts';
import type { Faults } from './faults.ts';
import { runHandshake } from './handshake.ts';
import type { Journal } from './journal.ts';
import { judgeManagementRequest, workspaceOf, type Refusal } from './judge-management-request.ts';
import type { SimulatorMetrics } from './metrics.ts';
import type { PostWebhook } from './post-webhook.ts';
import type { Workspace, Workspaces } from './workspaces.ts';

type Parts = {
  workspaces: Workspaces;
  faults: Faults;
  journal: Journal;
  metrics: SimulatorMetrics;
  post: PostWebhook;
  botUrl: (workspace: Workspace) => string;
};

type Outcome = { kind: 'ok'; data?: object } | Refusal | { kind: 'not-verified'; message: string };

const statuses = {
  ok: 200,
  unauthenticated: 401,
  'not-found': 404,
  'bad-request': 400,
  'not-verified': 400,
  invalid: 422,
} satisfies Record<Outcome['kind'], number>;

function answerOf(outcome: Outcome): Answer {
  const { kind, ...fields } = outcome;
  return { status: statuses[kind], body: kind === 'ok' ? { status: 'ok', ...fields } : fields };
}

type Act = (given: { token: string | undefined; body: Buffer }) => Promise<Outcome> | Outcome;

function actions({ workspaces, botUrl, post, journal }: Parts): Map<string, Act> {
  const describe = (workspace: Workspace): Outcome => ({
    kind: 'ok',
    data: {
      webhook_url: workspace.webhook?.url ?? '',
      webhook_verification_key: workspace.webhook?.verificationKey ?? '',
      webhook_status: workspace.webhook ? 'verified' : 'unverified',
      bot_url: botUrl(workspace),
    },
  });
  const set = async (workspace: Workspace, asked: SetWebhookRequest): Promise<Outcome> => {
    const webhook = { url: asked.webhook_url, verificationKey: asked.webhook_verification_key };
    if (!/^https?:/i.test(webhook.url)) return { kind: 'invalid', message: 'webhook_url: must be an http(s) URL' };
    const shaken = await runHandshake({ workspace, webhook }, { post, journal });
    if (shaken.kind === 'refused') {
      return { kind: 'not-verified', message: `The webhook was not verified: ${shaken.reason}.` };
    }
    workspaces.setWebhook(workspace.id, webhook);
    return describe({ ...workspace, webhook });
  };
  const remove = (workspace: Workspace): Outcome => {
    if (!workspace.webhook) return { kind: 'not-found', message: 'Webhook not found.' };
    workspaces.setWebhook(workspace.id, null);
    return { kind: 'ok' };
  };

  return new Map<string, Act>([
    [
      'get-webhook',
      (given) => {
        const judged = judgeManagementRequest(given, managementRequestSchemas.get, workspaces.all());
        return judged.kind === 'allowed' ? describe(judged.workspace) : judged;
      },
    ],
    [
      'set-webhook',
      (given) => {
        const judged = judgeManagementRequest(given, managementRequestSchemas.set, workspaces.all());
        return judged.kind === 'allowed' ? set(judged.workspace, judged.asked) : judged;
      },
    ],
    [
      'delete-webhook',
      (given) => {
        const judged = judgeManagementRequest(given, managementRequestSchemas.delete, workspaces.all());
        return judged.kind === 'allowed' ? remove(judged.workspace) : judged;
      },
    ],
  ]);
}

const unknownAction: Outcome = { kind: 'bad-request', message: 'action: get-webhook, set-webhook or delete-webhook' };

/** `POST /api/apichat?action=…`: get, set and delete a workspace's webhook, as NicoChat's proxy does. */
export function managementApi(parts: Parts): Router {
  return Router().post('/api/apichat', readRawBody, receiver(parts));
}

function receiver(parts: Parts): RequestHandler {
  const { faults, journal, metrics } = parts;
  const acts = actions(parts);

  return async (request, response) => {
    const body = rawBody(request);
    const workspace = workspaceOf(body);
    const fault = workspace === null ? undefined : faults.takeForRequest(workspace, 'management');
    const { action } = request.query;
    const act: Act = (typeof action === 'string' && acts.get(action)) || (() => unknownAction);
    const outcome = takesEffect(fault) ? await act({ token: bearerToken(request), body }) : undefined;
    const answer = answerUnder(fault, answerOf(outcome ?? { kind: 'ok' }));
    metrics.requests.inc({ endpoint: 'management', outcome: outcome?.kind ?? 'fault' });
    journal.add({
      kind: 'management',
      workspace,
      conversation: null,
      method: request.method,
      url: request.originalUrl,
      headers: headersOf(request),
      body,
      status: statusOf(answer),
      outcome: outcome?.kind ?? 'fault',
      ...(outcome && 'message' in outcome && { detail: outcome.message }),
      ...(fault && { fault: fault.kind }),
    });
    await give(response, answer, fault);
  };
}
