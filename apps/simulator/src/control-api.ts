import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import { z } from 'zod';
import { deliverSchema, type DeliverNow } from './deliver-now.ts';
import { faultLines } from './fault-lines.ts';
import { faultSchema, type Faults } from './faults.ts';
import { journalKinds, type Journal } from './journal.ts';
import {
  completeWorkspace,
  workspaceIdSchema,
  workspaceSchema,
  type Workspace,
  type Workspaces,
} from './workspaces.ts';

type Parts = {
  workspaces: Workspaces;
  faults: Faults;
  journal: Journal;
  deliverNow: DeliverNow;
  botUrl: (workspace: Workspace) => string;
  /** Everything back to how it was at the start. */
  reset: () => void;
};

/** What the control API cannot do, as an RFC 9457 problem. */
class Problem extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

const titles: Record<number, string> = { 400: 'Bad Request', 404: 'Not Found', 409: 'Conflict' };

const answerProblem: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status = (error as { status?: unknown }).status;
  if (typeof status !== 'number' || response.headersSent) return next(error);
  const problem = { type: 'about:blank', title: titles[status] ?? 'Error', status, detail: (error as Error).message };
  response.status(status).type('application/problem+json').send(JSON.stringify(problem));
};

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Problem(400, faultLines(parsed.error));
  return parsed.data;
}

/** The JSON body; express leaves it undefined when the content type is another. */
function jsonBody(request: Request): Record<string, unknown> {
  const body: unknown = request.body;
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new Problem(400, 'Send a JSON object, with the header content-type: application/json.');
}

const journalQuerySchema = z.strictObject({
  workspace: z.string().optional(),
  kind: z.enum(journalKinds).optional(),
  conversation: z.string().optional(),
  since: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});

function workspaceRoutes({ workspaces, botUrl }: Parts, find: (request: Request) => Workspace): Router {
  const view = (workspace: Workspace) => ({ ...workspace, botUrl: botUrl(workspace) });
  const put = (given: Record<string, unknown>): Workspace => {
    const workspace = completeWorkspace(parse(workspaceSchema, given));
    if (!workspaces.put(workspace)) throw new Problem(409, `The bot code "${workspace.botCode}" is taken.`);
    return workspace;
  };

  return Router()
    .get('/workspaces', (_request, response) => {
      response.json({ workspaces: workspaces.all().map(view) });
    })
    .get('/workspaces/:id', (request, response) => {
      response.json(view(find(request)));
    })
    .put('/workspaces/:id', (request, response) => {
      const id = parse(workspaceIdSchema, request.params.id);
      const known = workspaces.get(id) !== undefined;
      response.status(known ? 200 : 201).json(view(put({ ...jsonBody(request), id })));
    })
    .patch('/workspaces/:id', (request, response) => {
      const workspace = find(request);
      const change = jsonBody(request);
      const signature = { ...workspace.signature, ...Object(change['signature']) };
      const delivery = { ...workspace.delivery, ...Object(change['delivery']) };
      response.json(view(put({ ...workspace, ...change, signature, delivery, id: workspace.id })));
    })
    .delete('/workspaces/:id', (request, response) => {
      workspaces.remove(find(request).id);
      response.status(204).end();
    });
}

function faultRoutes({ faults }: Parts, find: (request: Request) => Workspace): Router {
  return Router()
    .get('/workspaces/:id/faults', (request, response) => {
      response.json({ faults: faults.list(find(request).id) });
    })
    .post('/workspaces/:id/faults', (request, response) => {
      response.status(201).json(faults.add(find(request).id, parse(faultSchema, jsonBody(request))));
    })
    .delete('/workspaces/:id/faults', (request, response) => {
      faults.clear(find(request).id);
      response.status(204).end();
    });
}

function journalRoutes({ journal }: Parts): Router {
  return Router()
    .get('/journal', (request, response) => {
      response.json(journal.read(parse(journalQuerySchema, { ...request.query })));
    })
    .delete('/journal', (_request, response) => {
      journal.clear();
      response.status(204).end();
    });
}

function deliverer({ deliverNow }: Parts, find: (request: Request) => Workspace): RequestHandler {
  return async (request, response) => {
    const report = deliverNow(find(request), parse(deliverSchema, jsonBody(request)));
    if (request.query['wait'] === 'false') response.status(202).json({ accepted: true });
    else response.json(await report);
  };
}

/** `/control`: what a test or a curious person does to the stand-in. It has no counterpart at NicoChat, and no password. */
export function controlApi(parts: Parts): Router {
  const find = (request: Request): Workspace => {
    const id = String(request.params['id']);
    const workspace = parts.workspaces.get(id);
    if (!workspace) throw new Problem(404, `There is no workspace "${id}".`);
    return workspace;
  };

  return Router()
    .use(express.json({ limit: '20mb' }))
    .use(workspaceRoutes(parts, find))
    .use(faultRoutes(parts, find))
    .use(journalRoutes(parts))
    .post('/workspaces/:id/deliver', deliverer(parts, find))
    .post('/reset', (_request, response) => {
      parts.reset();
      response.status(204).end();
    })
    .use(answerProblem);
}
