import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { CommandError } from './command-error.ts';
import { guardedPost } from './guarded-post.ts';
import type { Posted } from './guarded-post.ts';
import { printable } from './printable.ts';

export type IngressCheck = {
  /** The webhook's, as NicoChat will call it. */
  url: string;
  connection: string;
  verificationKey: string;
  allow: readonly string[];
  /** How long ingress may take to come up, or to read what has just been written. */
  waitSeconds: number;
  onWait: (why: string) => void;
};

/** What is wrong; `mayPass` when ingress may only be late. */
type Fault = { says: string; mayPass: boolean };

const timeoutMs = 10_000;
const betweenMs = 1_000;
/** Each by a connection of its own: several processes of ingress do not read a new key in the same moment. */
const neededInARow = 3;

/**
 * Does the handshake that NicoChat will do, by POST as NicoChat documents it (a query would stand in the logs of whatever is
 * in between), and wants its own random challenge back. Before that it wants a token refused that is worth nothing: no other
 * server is shown the key. Throws a CommandError that says what stands in the way.
 */
export async function checkIngress(check: IngressCheck): Promise<void> {
  const deadline = Date.now() + check.waitSeconds * 1_000;
  await succeed(1, () => findIngress(check), check, deadline);
  await succeed(neededInARow, () => tryKey(check), check, deadline);
}

/** Tries until it went well so often in a row. */
async function succeed(
  times: number,
  attempt: () => Promise<Fault | undefined>,
  check: IngressCheck,
  deadline: number,
): Promise<void> {
  let inARow = 0;
  for (let waits = 0; inARow < times;) {
    const fault = await attempt();
    inARow = fault === undefined ? inARow + 1 : 0;
    if (fault === undefined) continue;
    if (!fault.mayPass || Date.now() >= deadline) {
      throw new CommandError(
        `${check.url} is not our ingress, as seen from here: ${fault.says}\n` +
          'Nothing was registered. Where only this machine cannot reach it, but NicoChat can: --no-check',
      );
    }
    if (waits === 0) check.onWait(fault.says);
    waits += 1;
    await pause(betweenMs);
  }
}

async function findIngress(check: IngressCheck): Promise<Fault | undefined> {
  const challenge = random();
  const posted = await handshake(check, random(), challenge);
  if (isYes(posted, challenge)) return lasting('another server answers there: it says yes to any token');
  return isWrongToken(posted) ? undefined : judge(posted, check);
}

async function tryKey(check: IngressCheck): Promise<Fault | undefined> {
  const challenge = random();
  const posted = await handshake(check, check.verificationKey, challenge);
  return isYes(posted, challenge) ? undefined : judge(posted, check);
}

const random = () => randomBytes(16).toString('hex');

const handshake = ({ url, allow }: IngressCheck, token: string, challenge: string): Promise<Posted> =>
  guardedPost({
    url: new URL(url),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ hub_mode: 'subscribe', hub_verify_token: token, hub_challenge: challenge }).toString(),
    allow,
    timeoutMs,
  });

const isYes = (posted: Posted, challenge: string) =>
  posted.kind === 'answered' && posted.status === 200 && posted.text === challenge;

/** Ingress alone refuses a token with an empty body that nobody may sniff. */
const isWrongToken = (posted: Posted) =>
  posted.kind === 'answered' &&
  posted.status === 403 &&
  posted.text === '' &&
  posted.headers['x-content-type-options'] === 'nosniff';

const passing = (says: string): Fault => ({ says, mayPass: true });
const lasting = (says: string): Fault => ({ says, mayPass: false });

const unanswered = {
  'not-allowed': (reason) => lasting(`${reason}. What this machine may not call, NicoChat from outside cannot reach`),
  'unknown-host': (reason) => lasting(`DNS does not know its host (${reason})`),
  untrusted: (reason) =>
    lasting(`its TLS is not in order (${reason}): certificate, chain and name must be those of a public host`),
  'no-connection': (reason) =>
    passing(`nobody takes the connection (${reason}): is ingress running, and does a firewall let 443 in?`),
  'broken-off': (reason) => passing(`the connection was broken off (${reason})`),
  timeout: () => passing(`no answer within ${timeoutMs / 1_000} s`),
} satisfies Record<Exclude<Posted['kind'], 'answered'>, (reason: string) => Fault>;

/** Ingress's own refusals, by the word that its answers carry (docs/ingress.md). */
const refusals: Record<string, (connection: string) => Fault> = {
  'unknown-connection': (connection) =>
    passing(`ingress has no connection "${connection}": has it read this bridge.yaml?`),
  'unknown-path': () =>
    lasting('ingress is there, but not at this path: what is in front of it must not change the path'),
  'handshake-throttled': () => lasting('ingress got too many handshakes with a wrong token: try again in a minute'),
  'signature-missing': () => lasting("the handshake's body did not arrive: something in front of ingress drops it"),
};

function judge(posted: Posted, { connection }: IngressCheck): Fault {
  if (posted.kind !== 'answered') return unanswered[posted.kind](posted.reason);
  const { status, headers, text } = posted;
  const outcome = /"outcome":"([a-z-]+)"/.exec(text)?.[1] ?? '';
  const known = refusals[outcome];
  if (known) return known(connection);
  if (outcome !== '') return passing(`ingress answered ${status}, ${outcome}`);
  if (isWrongToken(posted)) {
    return passing(`ingress answered 403: it knows "${connection}", but not the first of its verificationKeys`);
  }
  if (status >= 300 && status < 400)
    return lasting(`it answers with a redirect (${status}): put its target into nicochat.publicUrl`);
  if ([502, 503, 504].includes(status)) return passing(`what is in front of ingress finds none (${status})`);
  const type = printable(headers['content-type'] ?? 'no content type').slice(0, 80);
  const what = /html/i.test(type) || /^\s*<(!doctype|html)/i.test(text) ? 'with a page for people' : `with ${type}`;
  return lasting(`another server answers there: ${status} ${what}, and not with our challenge`);
}
