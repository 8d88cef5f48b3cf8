import type { Connection } from '@bridge/config';
import type { ConsumedRecord } from '@bridge/kafka';
import { buildBotRequest } from '@bridge/schemas';
import type { BotRequest, SendCommand, SendResult } from '@bridge/schemas';
import type { BotAnswer } from './bot-answer.ts';
import { judgeBotAnswer } from './judge-bot-answer.ts';
import type { Verdict } from './judge-bot-answer.ts';
import { planRetry } from './plan-retry.ts';
import type { RetryLimits } from './plan-retry.ts';
import { readSendCommand } from './read-send-command.ts';
import type { CommandIdentity } from './read-send-command.ts';

export type OutboundConnection = Connection<'flowApiKey' | 'botUrl'>;

/** Why a command became a dead letter: a closed set, for counting. */
export type DeadLetterReason =
  | 'invalid'
  | 'unknown-connection'
  | 'rejected'
  | 'attempts-exhausted'
  | 'too-old'
  | 'unknown-outcome'
  | 'internal-error';

/**
 * What became of a command record. `identity` is what could be read of it; without an id there is no result, only the
 * dead letter. `abandoned`: stopped before it was settled, nothing may be recorded.
 */
export type Delivery =
  | { kind: 'abandoned' }
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
  if (read.kind === 'invalid') return refused(read.identity, 'invalid', read.error);
  const { command } = read;
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
  for (let attempts = 0; !signal.aborted;) {
    if (isExpired(command, context.now())) return { kind: 'settled', identity: command, outcome: 'expired', attempts };
    const started = context.now();
    const verdict = judgeBotAnswer(await context.callBot(connection, body));
    attempts += 1;
    const seconds = (context.now().getTime() - started.getTime()) / 1_000;
    context.onAttempt({ connection: connection.id, verdict, seconds });

    const settled = settle(verdict, command, connection, attempts);
    if (settled) return settled;
    const open = verdict as Extract<Verdict, { kind: 'again' | 'refused-key' | 'lost' }>;
    const producedAt = new Date(record.timestampMs);
    const plan = planRetry(open, { attempts, producedAt }, { ...context, now: context.now() });
    if (plan.kind === 'give-up') return failed(command, plan.reason, open, attempts);
    await context.wait(plan.ms, signal);
  }
  return { kind: 'abandoned' };
}

const isExpired = ({ expiresAt }: SendCommand, now: Date) =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime();

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
  reason: 'attempts-exhausted' | 'too-old',
  verdict: Extract<Verdict, { kind: 'again' | 'refused-key' | 'lost' }>,
  attempts: number,
): Delivery {
  return {
    kind: 'settled',
    identity,
    outcome: 'failed',
    attempts,
    ...('status' in verdict && verdict.status !== undefined && { status: verdict.status }),
    reason: `${reason}: ${verdict.reason}`,
    deadLetter: { reason, error: verdict.reason },
  };
}
