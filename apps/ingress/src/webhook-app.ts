import type { Log } from '@bridge/service';
import express from 'express';
import type { Express, NextFunction, Request, Response } from 'express';
import { answerWebhook } from './answer-webhook.ts';
import type { IngressMetrics } from './metrics.ts';
import type { Handled, HandleWebhook } from './webhook-handler.ts';

export type WebhookAppOptions = {
  handle: HandleWebhook;
  /** Addresses and CIDRs whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  metrics: IngressMetrics;
  log: Omit<Log, 'fatal'> & { debug: Log['info'] };
};

/** The express application: every request gets one answer, one count and one log line. */
export function createWebhookApp(options: WebhookAppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  // Flat: `a[b]=c` makes no object, and a name given twice makes a list, which is no handshake.
  app.set('query parser', 'simple').set('trust proxy', options.trustedProxies);
  const unknownPath = async (): Promise<Handled> => ({ outcome: { kind: 'unknown-path' } });

  app.all('/webhooks/:connection', (request, response) => respond(options, options.handle, request, response));
  app.use((request, response) => respond(options, unknownPath, request, response));
  // Express itself refuses a path that cannot be decoded. By its four parameters it knows who takes errors.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    respond(options, error instanceof URIError ? unknownPath : failing(error), request, response),
  );
  return app;
}

const failing = (error: unknown) => async (): Promise<Handled> => {
  throw error;
};

async function respond(
  options: WebhookAppOptions,
  handle: HandleWebhook,
  request: Request,
  response: Response,
): Promise<void> {
  const { metrics, log } = options;
  const start = performance.now();
  metrics.came();
  const { outcome, connection, facts, isRoutine }: Handled = await handle(request).catch((error: unknown) => {
    log.error({ err: error }, 'a webhook met an error');
    return { outcome: { kind: 'internal-error' } };
  });
  const { status, headers, body } = answerWebhook(outcome);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);

  const seconds = (performance.now() - start) / 1_000;
  metrics.answered(connection, outcome.kind, seconds);
  // The path and the query stay out: the one can be a guess at a secret, the other holds the token.
  const line = { connection, outcome: outcome.kind, status, ...facts, durationMs: Math.round(seconds * 1_000) };
  if (status >= 500) log.warn(line, 'webhook not accepted');
  else log[isRoutine ? 'debug' : 'info'](line, 'webhook answered');
}
