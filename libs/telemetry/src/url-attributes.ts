import type { IncomingMessage } from 'node:http';
import type { Attributes } from '@opentelemetry/api';

const probes = new Set(['/livez', '/readyz', '/metrics']);

/** Whether a request's target is one of the probes, which come every few seconds and tell nothing. */
export function isProbe(target: string | undefined): boolean {
  return probes.has(pathOf(target));
}

const webhookPath = /^\/webhooks\/[a-z0-9-]{1,63}$/;

/**
 * Overrides for an incoming request's span: no query string, for the handshake's carries the verify token, and no path but
 * that of a webhook, for another one can be a guess at a secret.
 */
export function incomingUrlAttributes(request: IncomingMessage): Attributes {
  const path = pathOf(request.url);
  return { 'url.path': webhookPath.test(path) ? path : '', 'url.query': '' };
}

/** Overrides for an outgoing request's span: scheme and host only, for the path of a `bot_url` is a secret. */
export function outgoingUrlAttributes(origin: string): Attributes {
  const url = URL.parse(origin);
  return { 'url.full': url ? `${url.protocol}//${url.host}/` : '', 'url.path': '', 'url.query': '' };
}

function pathOf(target = '/'): string {
  return target.split('?', 1)[0] ?? '/';
}
