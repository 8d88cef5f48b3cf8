import type { Received, ReceivedEvents } from './receive-webhook.ts';

/** Everything that can become of a request; the kind is the metric's label and the log line's word as well. */
export type WebhookOutcome =
  | Exclude<Received, ReceivedEvents>
  | { kind: 'accepted' }
  | { kind: 'nothing-to-publish' }
  | { kind: 'unknown-path' }
  | { kind: 'body-too-large' }
  | { kind: 'body-incomplete' }
  | { kind: 'body-shed' }
  | { kind: 'encoding-unsupported' }
  | { kind: 'event-too-large' }
  | { kind: 'broker-unavailable' }
  | { kind: 'broker-timeout' }
  | { kind: 'overloaded' }
  | { kind: 'internal-error' };

export type WebhookOutcomeKind = WebhookOutcome['kind'];

/** `body` is sent as it is, byte for byte. */
export type Answer = { status: number; headers: Record<string, string>; body: string };

const title: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const stored = (): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: '{"status":"ok"}',
});

const plainText = { 'content-type': 'text/plain; charset=utf-8' };

/** RFC 9457. `outcome` is an extension member: the one word that a program may decide by. */
function problem(status: number, detail: string, headers: Record<string, string> = {}) {
  return ({ kind }: WebhookOutcome): Answer => ({
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title: title[status], status, detail, outcome: kind }),
  });
}

const challenged = { 'www-authenticate': 'Signature' };
const retryAfter = { 'retry-after': '1' };

type Answers = { [Kind in WebhookOutcomeKind]: (outcome: Extract<WebhookOutcome, { kind: Kind }>) => Answer };

const answers = {
  accepted: stored,
  'nothing-to-publish': stored,
  handshake: ({ challenge }) => ({ status: 200, headers: plainText, body: challenge }),
  // Empty: the answer to a wrong token repeats nothing of the request.
  'bad-token': () => ({ status: 403, headers: {}, body: '' }),
  'bad-challenge': problem(400, 'hub_challenge must be 1 to 512 printable ASCII characters.'),
  'handshake-throttled': problem(429, 'Too many handshakes with a wrong token; try again later.', {
    'retry-after': '60',
  }),
  'signature-missing': problem(401, "None of the connection's signature headers is present.", challenged),
  'signature-mismatch': problem(401, 'The signature does not fit the bytes of the body.', challenged),
  'signature-stale': problem(401, 'The timestamp of the signature is missing or too far from now.', challenged),
  'not-json': problem(400, 'The body is neither a JSON object nor a JSON array.'),
  'body-incomplete': problem(400, 'The body ended before it was complete.'),
  'unknown-connection': problem(404, 'No connection has this id.'),
  'unknown-path': problem(404, 'Webhooks are received at /webhooks/{connection}.'),
  'method-not-allowed': problem(405, 'Webhooks are sent by POST; GET is for the handshake only.', { allow: 'POST' }),
  'body-too-large': problem(413, 'The body is larger than this server takes.'),
  'event-too-large': problem(413, 'An event of this request is larger than its topic takes.'),
  'encoding-unsupported': problem(415, 'Send the body as it was signed, without Content-Encoding.', {
    'accept-encoding': 'identity',
  }),
  'body-shed': problem(503, 'Too many bodies are being read already; send the request again.', retryAfter),
  'broker-unavailable': problem(503, 'The events could not be stored; send the request again.', retryAfter),
  'broker-timeout': problem(503, 'The events were not stored in time; send the request again.', retryAfter),
  overloaded: problem(503, 'Too much waits to be stored already; send the request again.', retryAfter),
  'internal-error': problem(500, 'The request met an error of this server.'),
} satisfies Answers;

/** The answer to an outcome: one row of the table, and what every answer carries. */
export function answerWebhook(outcome: WebhookOutcome): Answer {
  const answer = (answers[outcome.kind] as (outcome: WebhookOutcome) => Answer)(outcome);
  const headers = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', ...answer.headers };
  return { ...answer, headers };
}
