import { Router, type Request, type RequestHandler } from 'express';
import { answerMessage } from './bot.ts';
import type { Answer } from './exchange.ts';
import { answerUnder, bearerToken, give, headersOf, rawBody, readRawBody, statusOf, takesEffect } from './exchange.ts';
import type { Faults } from './faults.ts';
import type { Journal } from './journal.ts';
import { conversationOf, judgeBotRequest, type BotJudgement } from './judge-bot-request.ts';
import type { SimulatorMetrics } from './metrics.ts';
import type { Say } from './say.ts';
import type { Workspace, Workspaces } from './workspaces.ts';

type Parts = {
  workspaces: Workspaces;
  faults: Faults;
  journal: Journal;
  metrics: SimulatorMetrics;
  /** The conversations that a human agent has, as `<workspace>/<conversation>`. */
  withAgent: Set<string>;
  say: Say;
};

type Outcome = BotJudgement['kind'] | 'no-such-bot';

const answers = {
  accepted: () => ({ status: 200, body: { status: 'ok' } }),
  'no-such-bot': () => ({ status: 404, body: { message: 'Not found.' } }),
  'bad-key': () => ({ status: 401, body: { message: 'Unauthenticated.' } }),
  'not-json': (message) => ({ status: 400, body: { message } }),
  invalid: (message) => ({ status: 422, body: { message } }),
} satisfies Record<Outcome, (message: string) => Answer>;

/** `POST /bot/{code}`: what a system's end users write comes in here, and the bot answers through the webhook. */
export function botEndpoint(parts: Parts): Router {
  return Router().post('/bot/:code', readRawBody, receiver(parts));
}

function judge(request: Request, workspace: Workspace | undefined): BotJudgement | { kind: 'no-such-bot' } {
  if (!workspace) return { kind: 'no-such-bot' };
  const given = { token: bearerToken(request), contentType: request.headers['content-type'], body: rawBody(request) };
  return judgeBotRequest(given, workspace.flowApiKey);
}

function receiver(parts: Parts): RequestHandler {
  const { workspaces, faults, journal, metrics } = parts;

  return async (request, response) => {
    const workspace = workspaces.byBotCode(String(request.params['code']));
    const conversation = conversationOf(rawBody(request));
    const fault = workspace && faults.takeForRequest(workspace.id, 'bot-url', conversation ?? undefined);
    const judgement = judge(request, workspace);
    const message = 'message' in judgement ? judgement.message : '';
    const answer = answerUnder(fault, answers[judgement.kind](message));
    const outcome = takesEffect(fault) ? judgement.kind : 'fault';
    metrics.requests.inc({ endpoint: 'bot', outcome });
    // Recorded before it is answered: the journal's order is the order of arrival.
    journal.add({
      kind: 'received',
      workspace: workspace?.id ?? null,
      conversation,
      method: request.method,
      url: request.originalUrl,
      headers: headersOf(request),
      body: rawBody(request),
      status: statusOf(answer),
      outcome,
      ...(message && { detail: message }),
      ...(fault && { fault: fault.kind }),
    });
    await give(response, answer, fault);
    const accepted = takesEffect(fault) && judgement.kind === 'accepted';
    if (workspace && accepted) reply(parts, workspace, judgement.request);
  };
}

function reply({ withAgent, say }: Parts, workspace: Workspace, request: Parameters<typeof answerMessage>[0]): void {
  if (!workspace.botAnswers) return;
  const conversation = String(request.conversation_id);
  const key = `${workspace.id}/${conversation}`;
  const turn = answerMessage(request, { withAgent: withAgent.has(key) });
  if (turn.withAgent) withAgent.add(key);
  else withAgent.delete(key);
  for (const answer of turn.answers) {
    void say(workspace, { ...answer, conversationId: conversation, contactId: request.sender.id });
  }
}
