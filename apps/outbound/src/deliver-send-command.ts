import type { Connection } from '@bridge/config';
import type { ConsumedRecord, Tenure } from '@bridge/kafka';
import { buildBotRequest } from '@bridge/schemas';
import type { BotRequest, SendCommand, SendResult } from '@bridge/schemas';
import type { BotAnswer } from './bot-answer.ts';
import type { CallHealth } from './circuit-breaker.ts';
import type { Entry } from './connection-gate.ts';
import { judgeBotAnswer } from './judge-bot-answer.ts';
import type { Verdict } from './judge-bot-answer.ts';
import { planRetry } from './plan-retry.ts';
import type { RetryLimits } from './plan-retry.ts';
import { readSendCommand } from './read-send-command.ts';
import type { CommandIdentity } from './read-send-command.ts';
import type { LedgerVerdict } from './result-ledger.ts';

export type OutboundConnection = Connection<'flowApiKey' | 'botUrl'>;

/** Whether what one of them was answered holds for the other. */
export const hasSameSecrets = (one: OutboundConnection, other: OutboundConnection): boolean =>
  one.flowApiKey === other.flowApiKey && one.botUrl === other.botUrl;

/** Why a command became a dead letter: a closed set, for counting. */
export type DeadLetterReason =
  | 'invalid'
  | 'unknown-connection'
  | 'rejected'
  | 'attempts-exhausted'
  | 'too-old'
  | 'unknown-outcome'
  | 'connection-unavailable'
  | 'internal-error';

/**
 * What became of a command record. `already-settled`: an earlier run wrote its result. `identity` is what could be read
 * of it; without an id there is no result, only the dead letter. `abandoned`: its tenure ended before it was settled,
 * nothing may be recorded.
 */
export type Delivery =
  | { kind: 'abandoned' }
  | { kind: 'already-settled' }
  | {
      kind: 'settled';
      identity: CommandIdentity;
      outcome: SendResult['outcome'];
      attempts: number;
      status?: number;
      reason?: string;
      /** When the first attempt failed, if one did. */
      firstFailedAt?: Date;
      deadLetter?: { reason: DeadLetterReason; error: string };
    };

/** What delivering needs of the world. */
export type DeliveryContext = {
  /** A connection as it is configured now. */
  connectionOf(id: string): OutboundConnection | undefined;
  /** Reads a connection's secrets again, and gives it as it is configured then. */
  reread(id: string): OutboundConnection | undefined;
  /** What the results tell of earlier commands. */
  judgeByLedger(record: ConsumedRecord, command: CommandIdentity): LedgerVerdict;
  /** Waits until the connection may be called. */
  enter(
    connection: OutboundConnection,
    wait: { partition: number; offset: string; until: Date; signal: AbortSignal },
  ): Promise<Entry>;
  leave(connection: OutboundConnection, health: CallHealth): void;
  /** `number` counts the attempts of this command in this process, from 1. */
  callBot(connection: OutboundConnection, body: BotRequest, number: number): Promise<BotAnswer>;
  limits: RetryLimits;
  now(): Date;
  random(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  onAttempt(attempt: { connection: string; verdict: Verdict; seconds: number }): void;
  /** Another attempt follows, after a wait. */
  onRetry(retry: { connection: string; verdict: OpenVerdict }): void;
};

/** Delivers one command record to the bot, with as many attempts as it takes, and says what became of it. */
export async function deliverSendCommand(
  record: ConsumedRecord,
  tenure: Tenure,
  context: DeliveryContext,
): Promise<Delivery> {
  const read = readSendCommand(record);
  const known = context.judgeByLedger(record, read.kind === 'command' ? read.command : read.identity);
  if (known === 'settled') return { kind: 'already-settled' };
  if (read.kind === 'invalid') return refused(read.identity, 'invalid', read.error);
  const { command } = read;
  if (known === 'duplicate') return { kind: 'settled', identity: command, outcome: 'duplicate', attempts: 0 };
  return attemptUntilSettled(command, { record, tenure, context });
}

const refused = (identity: CommandIdentity, reason: DeadLetterReason, error: string, attempts = 0): Delivery => ({
  kind: 'settled',
  identity,
  outcome: 'rejected',
  attempts,
  reason: `${reason}: ${error}`,
  deadLetter: { reason, error },
});

async function attemptUntilSettled(
  command: SendCommand,
  { record, tenure, context }: { record: ConsumedRecord; tenure: Tenure; context: DeliveryContext },
): Promise<Delivery> {
  const producedAt = new Date(record.timestampMs);
  const until = endOf(command, producedAt, context.limits.maxAgeMs);
  let last: OpenVerdict | undefined;
  let firstFailedAt: Date | undefined;
  const withFailure = (delivery: Delivery): Delivery => ({ ...delivery, ...(firstFailedAt && { firstFailedAt }) });
  // A refused key says nothing about the command: such attempts do not use up its number.
  for (let attempts = 0, refusals = 0; !tenure.ending.aborted;) {
    // Looked up each time: while a command waits, its connection may change, or be gone.
    const prepared = prepare(command, context, attempts);
    if ('kind' in prepared) return withFailure(prepared);
    const { connection, body } = prepared;
    const entry = await enter(connection, { record, until, tenure, context });
    if (entry === 'stopped') break;
    if (entry === 'changed') continue;
    if (entry === 'late' && isExpired(command, until)) return withFailure(expired(command, attempts));
    if (entry !== 'entered') {
      const reason = entry === 'late' ? 'too-old' : 'connection-unavailable';
      return withFailure(failed(command, reason, attempts, last));
    }
    const verdict = await attempt(connection, body, attempts + 1, context);
    attempts += 1;
    if (verdict.kind !== 'sent') firstFailedAt ??= context.now();
    const settled = settle(verdict, command, connection, attempts);
    if (settled) return withFailure(settled);
    last = verdict as OpenVerdict;
    if (last.kind === 'refused-key') refusals += 1;
    const plan = planRetry(last, { attempts: attempts - refusals, producedAt }, { ...context, now: context.now() });
    if (plan.kind === 'give-up') return withFailure(failed(command, plan.reason, attempts, last));
    context.onRetry({ connection: connection.id, verdict: last });
    await context.wait(plan.ms, tenure.ending);
  }
  return { kind: 'abandoned' };
}

/** Whom to call with what, or why that can't be. */
function prepare(
  command: SendCommand,
  { connectionOf }: DeliveryContext,
  attempts: number,
): { connection: OutboundConnection; body: BotRequest } | Delivery {
  const connection = connectionOf(command.connection);
  if (!connection) {
    return refused(command, 'unknown-connection', `there is no connection ${command.connection}`, attempts);
  }
  const built = buildBotRequest(command, connection);
  return built.kind === 'rejected'
    ? refused(command, 'rejected', built.reason, attempts)
    : { connection, body: built.body };
}

/** Waits until the connection may be called, and the command is still this process's and in time. */
async function enter(
  connection: OutboundConnection,
  wait: { record: ConsumedRecord; until: Date; tenure: Tenure; context: DeliveryContext },
): Promise<Entry> {
  const { record, until, tenure, context } = wait;
  const { partition, offset } = record;
  const isLate = () => context.now() >= until;
  if (isLate()) return 'late';
  const entry = await context.enter(connection, { partition, offset, until, signal: tenure.ending });
  if (entry !== 'entered') return entry;
  // The process may have slept since it was let in, or before.
  const mine = await tenure.mayBegin();
  if (mine && !isLate()) return 'entered';
  context.leave(connection, 'not-called');
  return mine ? 'late' : 'stopped';
}

type OpenVerdict = Extract<Verdict, { kind: 'again' | 'refused-key' | 'lost' }>;

const healthOf = {
  sent: 'ok',
  rejected: 'ok',
  again: 'failed',
  lost: 'failed',
  'refused-key': 'key-refused',
} as const satisfies Record<Verdict['kind'], CallHealth>;

async function attempt(
  connection: OutboundConnection,
  body: BotRequest,
  number: number,
  context: DeliveryContext,
): Promise<Verdict> {
  const started = context.now();
  let health: CallHealth = 'failed';
  try {
    const verdict = judgeBotAnswer(await context.callBot(connection, body, number));
    // A key that was replaced says nothing of its connection: the next attempt is made with the new one.
    health = isOutdated(verdict, connection, context) ? 'not-called' : healthOf[verdict.kind];
    const seconds = (context.now().getTime() - started.getTime()) / 1_000;
    context.onAttempt({ connection: connection.id, verdict, seconds });
    return verdict;
  } finally {
    context.leave(connection, health);
  }
}

/** Whether a key was refused that is not, or no longer, the connection's: it may have been replaced just now. */
function isOutdated(verdict: Verdict, connection: OutboundConnection, { reread }: DeliveryContext): boolean {
  if (verdict.kind !== 'refused-key') return false;
  const current = reread(connection.id);
  return current !== undefined && !hasSameSecrets(current, connection);
}

/** When a command is over: at its own end or at the age that none may pass. */
function endOf({ expiresAt }: SendCommand, producedAt: Date, maxAgeMs: number): Date {
  const oldest = producedAt.getTime() + maxAgeMs;
  return new Date(expiresAt === undefined ? oldest : Math.min(oldest, Date.parse(expiresAt)));
}

const isExpired = ({ expiresAt }: SendCommand, at: Date) =>
  expiresAt !== undefined && Date.parse(expiresAt) <= at.getTime();

const expired = (identity: SendCommand, attempts: number): Delivery => ({
  kind: 'settled',
  identity,
  outcome: 'expired',
  attempts,
});

/** Undefined when another attempt is to be made. */
function settle(
  verdict: Verdict,
  identity: SendCommand,
  { onUnknownOutcome }: OutboundConnection,
  attempts: number,
): Delivery | undefined {
  switch (verdict.kind) {
    case 'sent':
      return { kind: 'settled', identity, outcome: 'sent', attempts, status: verdict.status };
    case 'rejected': {
      const { status, reason } = verdict;
      const deadLetter = { reason: 'rejected', error: reason } as const;
      return { kind: 'settled', identity, outcome: 'rejected', attempts, status, reason, deadLetter };
    }
    case 'lost': {
      if (onUnknownOutcome === 'resend') return undefined;
      const deadLetter = { reason: 'unknown-outcome', error: verdict.reason } as const;
      return { kind: 'settled', identity, outcome: 'unknown', attempts, reason: verdict.reason, deadLetter };
    }
    case 'again':
    case 'refused-key':
      return undefined;
  }
}

function failed(
  identity: SendCommand,
  reason: 'attempts-exhausted' | 'too-old' | 'connection-unavailable',
  attempts: number,
  last: OpenVerdict | undefined,
): Delivery {
  const error = last?.reason ?? 'no attempt was made';
  return {
    kind: 'settled',
    identity,
    outcome: 'failed',
    attempts,
    ...(last && 'status' in last && last.status !== undefined && { status: last.status }),
    reason: `${reason}: ${error}`,
    deadLetter: { reason, error },
  };
}
