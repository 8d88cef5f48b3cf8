import { parse as parseForm } from 'node:querystring';
import type { Connection } from '@bridge/config';
import { deliveryDepth, isSafeChallenge, normalizeWebhook, parseJson, readHandshake } from '@bridge/schemas';
import type { NormalizedEvent } from '@bridge/schemas';
import { safeEqual, verify } from '@bridge/signature';
import type { Verification } from '@bridge/signature';

export type IngressConnection = Connection<'verificationKeys'>;

/** A request as it arrived: `body` is its raw bytes, header names are in lower case. */
export type WebhookRequest = {
  method: string;
  headers: Record<string, string | string[] | undefined>;
  query: Record<string, unknown>;
  body: Buffer;
  /** Undefined when no connection has the id of the request's path. */
  connection: IngressConnection | undefined;
  /** Whether the sender failed so many handshakes lately that no further token is looked at; asked of a handshake only. */
  handshakesExhausted: () => boolean;
  now: Date;
};

/** `not-checked` is the mode `off`: nobody asked. */
export type SignatureCheck = Verification | { kind: 'not-checked' };

export type ReceivedEvents = {
  kind: 'received';
  connection: IngressConnection;
  events: NormalizedEvent[];
  echoes: number;
  signature: SignatureCheck;
};

export type Received =
  | { kind: 'unknown-connection' }
  | { kind: 'method-not-allowed' }
  | { kind: 'handshake'; challenge: string }
  | { kind: 'handshake-throttled' }
  | { kind: 'bad-token' }
  | { kind: 'bad-challenge' }
  | { kind: 'signature-missing' }
  | { kind: 'signature-mismatch' }
  | { kind: 'signature-stale' }
  | { kind: 'not-json' }
  | ReceivedEvents;

/** Longer than any handshake, shorter than what is worth parsing for someone who has proved nothing yet. */
const maxHandshakeBytes = 64 * 1024;

const refusals = {
  missing: { kind: 'signature-missing' },
  mismatch: { kind: 'signature-mismatch' },
  stale: { kind: 'signature-stale' },
} as const satisfies Record<Exclude<Verification['kind'], 'verified'>, Received>;

/** Decides what a request is. The order of the checks is part of the contract (docs/ingress.md). */
export function receiveWebhook(request: WebhookRequest): Received {
  const { connection, method } = request;
  if (connection === undefined) return { kind: 'unknown-connection' };
  if (method !== 'POST' && method !== 'GET') return { kind: 'method-not-allowed' };
  const handshake = receiveHandshake(request, connection);
  if (handshake) return handshake;
  if (method === 'GET') return { kind: 'method-not-allowed' };
  const signature = checkSignature(request, connection);
  if (connection.signature.mode === 'enforce' && signature.kind !== 'verified') {
    return signature.kind === 'not-checked' ? refusals.missing : refusals[signature.kind];
  }
  return receiveEvents(request.body, connection, signature);
}

/** A handshake needs no signature: its token is its proof. Undefined when the request is none. */
function receiveHandshake(request: WebhookRequest, connection: IngressConnection): Received | undefined {
  const handshake = readHandshake({ query: request.query, body: handshakeFields(request.body) });
  if (!handshake) return undefined;
  if (request.handshakesExhausted()) return { kind: 'handshake-throttled' };
  // Every key is compared, so that the time tells neither whether one fits nor which.
  const matches = keysAt(connection, request.now).filter((key) => safeEqual(handshake.token, key));
  if (matches.length === 0) return { kind: 'bad-token' };
  if (!isSafeChallenge(handshake.challenge)) return { kind: 'bad-challenge' };
  return { kind: 'handshake', challenge: handshake.challenge };
}

/** The body as JSON or else as a form, whatever its declared type: nothing documents how a handshake is encoded. */
function handshakeFields(body: Buffer): unknown {
  if (body.length > maxHandshakeBytes || !body.includes('hub')) return undefined;
  const text = body.toString('utf8');
  const json = tryParseJson(text);
  return json === undefined ? parseForm(text) : json.value;
}

function checkSignature({ body, headers, now }: WebhookRequest, connection: IngressConnection): SignatureCheck {
  const { signature } = connection;
  if (signature.mode === 'off') return { kind: 'not-checked' };
  return verify({ body, headers, secrets: keysAt(connection, now), scheme: signature, now });
}

/** An expired key is as empty, which fits nothing; the others keep their places, by which they are told apart. */
function keysAt({ verificationKeys }: IngressConnection, now: Date): string[] {
  return verificationKeys.map(({ key, expiresAt }) => (expiresAt && expiresAt <= now ? '' : key));
}

function receiveEvents(body: Buffer, connection: IngressConnection, signature: SignatureCheck): Received {
  const text = decodeUtf8(body);
  const json = text === undefined ? undefined : tryParseJson(text);
  if (json === undefined || typeof json.value !== 'object' || json.value === null) return { kind: 'not-json' };
  const { events, echoes } = normalizeWebhook(json.value);
  return { kind: 'received', connection, events, echoes, signature };
}

function tryParseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: parseJson(text, { maxDepth: deliveryDepth }) };
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined for bytes that are no UTF-8: to replace them would change what the sender wrote. */
function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
