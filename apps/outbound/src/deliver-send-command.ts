import type { Connection } from '@bridge/config';
import type { ConsumedRecord } from '@bridge/kafka';
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
 * What became of a command record. `already-settled`: an earlier run wrote its result. `identity` is what could be read of it; without an id there is no result, only the
 * dead letter. `abandoned`: stopped before it was settled, nothing may be recorded.
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
      deadLetter?: { reason: DeadLetterReason; error: string };
    };

/** What delivering needs of the world. */
export type DeliveryContext = {
  connections: ReadonlyMap<string, OutboundConnection>;
  /** What the results tell of earlier commands. */
  judgeByLedger(record: ConsumedRecord, command: CommandIdentity): LedgerVerdict;
  /** Waits until the connection may be called. */
  enter(connection: OutboundConnection, wait: { partition: number; until: Date; signal: AbortSignal }): Promise<Entry>;
  leave(connection: OutboundConnection, health: CallHealth): void;
  callBot(connection: OutboundConnection, body: BotRequest): Promise<BotAnswer>;
  limits: RetryLimits;
  now(): Date;
  random(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  onAttempt(attempt: { connection: string; verdict: Verdict; seconds: number }): void;
};

/** Delivers one command record to the bot, with as many attempts as it takes, and says what became of it. */
export async function deliverSendCommand(
  record: ConsumedRecord,
  signal: AbortSignal,
  context: DeliveryContext,
): Promise<Delivery> {
  const read = readSendCommand(record);
  const known = context.judgeByLedger(record, read.kind === 'command' ? read.command : read.identity);
  if (known === 'settled') return { kind: 'already-settled' };
  if (read.kind === 'invalid') return refused(read.identity, 'invalid', read.error);
  const { command } = read;
  if (known === 'duplicate') return { kind: 'settled', identity: command, outcome: 'duplicate', attempts: 0 };
  const connection = context.connections.get(command.connection);
  if (!connection) return refused(command, 'unknown-connection', `there is no connection ${command.connection}`);
  const built = buildBotRequest(command, connection);
  if (built.kind === 'rejected') return refused(command, 'rejected', built.reason);
  return attemptUntilSettled(command, connection, built.body, { record, signal, context });
}

const refused = (identity: CommandIdentity, reason: DeadLetterReason, error: string): Delivery => ({
  kind: 'settled',
  identity,
  outcome: 'rejected',
  attempts: 0,
  reason: `${reason}: ${error}`,
  deadLetter: { reason, error },
});

async function attemptUntilSettled(
  command: SendCommand,
  connection: OutboundConnection,
  body: BotRequest,
  { record, signal, context }: { record: ConsumedRecord; signal: AbortSignal; context: DeliveryContext },
): Promise<Delivery> {
  const producedAt = new Date(record.timestampMs);
  const until = endOf(command, producedAt, context.limits.maxAgeMs);
  let last: OpenVerdict | undefined;
  // A refused key says nothing about the command: such attempts do not use up its number.
  for (let attempts = 0, refusals = 0; !signal.aborted;) {
    const late = () =>
      isExpired(command, until) ? expired(command, attempts) : failed(command, 'too-old', attempts, last);
    if (context.now() >= until) return late();
    const entry = await context.enter(connection, { partition: record.partition, until, signal });
    if (entry === 'stopped') break;
    if (entry === 'late') return late();
    if (entry === 'crowded-out') return failed(command, 'connection-unavailable', attempts, last);

    const verdict = await attempt(connection, body, context);
    attempts += 1;
    const settled = settle(verdict, command, connection, attempts);
    if (settled) return settled;
    last = verdict as OpenVerdict;
    if (last.kind === 'refused-key') refusals += 1;
    const plan = planRetry(last, { attempts: attempts - refusals, producedAt }, { ...context, now: context.now() });
    if (plan.kind === 'give-up') return failed(command, plan.reason, attempts, last);
    await context.wait(plan.ms, signal);
  }
  return { kind: 'abandoned' };
}

type OpenVerdict = Extract<Verdict, { kind: 'again' | 'refused-key' | 'lost' }>;

const healthOf = {
  sent: 'ok',
  rejected: 'ok',
  again: 'failed',
  lost: 'failed',
  'refused-key': 'key-refused',
} as const satisfies Record<Verdict['kind'], CallHealth>;

async function attempt(connection: OutboundConnection, body: BotRequest, context: DeliveryContext): Promise<Verdict> {
  const started = context.now();
  let health: CallHealth = 'failed';
  try {
    const verdict = judgeBotAnswer(await context.callBot(connection, body));
    health = healthOf[verdict.kind];
    const seconds = (context.now().getTime() - started.getTime()) / 1_000;
    context.onAttempt({ connection: connection.id, verdict, seconds });
    return verdict;
  } finally {
    context.leave(connection, health);
  }
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
