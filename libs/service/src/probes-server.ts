import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import { isLocal } from './is-local.ts';
import type { Complaint } from './lifecycle.ts';

export type Probes = {
  notReady: () => Complaint[];
  notAlive: () => Complaint[];
  notes: () => Complaint[];
  /** The metrics in the text format that `contentType` names. */
  metrics: () => Promise<{ contentType: string; body: string }>;
  /** What the app answers to requests from its own machine, beside that; undefined: there is nothing at this path. */
  local?: ((request: LocalRequest) => Answer | undefined) | undefined;
};

/** `path` is without the query. */
export type LocalRequest = { method: string; path: string };

export type Answer = { status: number; contentType: string; body: string; headers?: Record<string, string> };

/**
 * The server of `/livez`, `/readyz` and `/metrics`, by GET or HEAD.
 * Ready and alive: 200 `{"status":"ok"}`; else 503 `{"status":"unavailable","parts":[{"part":"…","reason":"…"}]}`.
 * Where a part has something to be known, `/readyz` says so beside either: `"notes":[{"part":"…","reason":"…"}]`.
 */
export function createProbesServer(probes: Probes): Server {
  return createServer((request, response) => {
    void answer(request, probes).then(({ status, contentType, body, headers }) => {
      response.writeHead(status, {
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        ...headers,
      });
      response.end(body);
    });
  });
}

async function answer(request: IncomingMessage, probes: Probes): Promise<Answer> {
  const routes = new Map<string, () => Answer | Promise<Answer>>([
    ['/livez', () => health(probes.notAlive())],
    ['/readyz', () => health(probes.notReady(), probes.notes())],
    ['/metrics', async () => ({ status: 200, ...(await probes.metrics()) })],
  ]);
  const path = request.url?.split('?', 1)[0] ?? '';
  const route = routes.get(path);
  try {
    if (!route) return answerLocal(request, path, probes) ?? problem(404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return problem(405, { allow: 'GET, HEAD' });
    return await route();
  } catch {
    return problem(500);
  }
}

function answerLocal(request: IncomingMessage, path: string, { local }: Probes): Answer | undefined {
  return isLocal(request) ? local?.({ method: request.method ?? '', path }) : undefined;
}

function health(parts: Complaint[], notes: Complaint[] = []): Answer {
  const judgement = parts.length === 0 ? { status: 'ok' } : { status: 'unavailable', parts };
  const body = { ...judgement, ...(notes.length > 0 && { notes }) };
  return { status: parts.length === 0 ? 200 : 503, contentType: 'application/json', body: JSON.stringify(body) };
}

/** RFC 9457. */
function problem(status: number, headers: Record<string, string> = {}): Answer {
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status });
  return { status, contentType: 'application/problem+json', body, headers };
}
