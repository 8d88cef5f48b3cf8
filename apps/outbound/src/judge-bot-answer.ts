import type { BotAnswer } from './bot-answer.ts';

/**
 * What an answer means for its command.
 * - `sent`: the bot has it
 * - `rejected`: this message will never be accepted
 * - `again`: a later attempt may succeed
 * - `refused-key`: the flow API key or its permission is at fault, not the command: it waits for the key to be mended
 * - `lost`: nobody knows; the connection's onUnknownOutcome decides
 */
export type Verdict =
  | { kind: 'sent'; status: number }
  | { kind: 'rejected'; status: number; reason: string }
  | { kind: 'again'; status?: number; retryAfter?: string; reason: string }
  | { kind: 'refused-key'; status: number; reason: string }
  | { kind: 'lost'; reason: string };

const passing = new Set([408, 425, 429]);

/** The one table by which answers of `bot_url` are judged. NicoChat documents none of them; see docs/outbound.md. */
export function judgeBotAnswer(answer: BotAnswer): Verdict {
  if (answer.kind === 'not-sent') return { kind: 'again', reason: answer.error };
  if (answer.kind === 'lost-answer') return { kind: 'lost', reason: answer.error };

  const { status, body, retryAfter } = answer;
  const fields = readJsonObject(body);
  const reason = `HTTP ${status}${describe(fields, body)}`;
  if (status >= 200 && status < 300)
    return isAccepted(fields) ? { kind: 'sent', status } : { kind: 'rejected', status, reason };
  if (status === 401 || status === 403) return { kind: 'refused-key', status, reason };
  if (status >= 500 || passing.has(status)) {
    return { kind: 'again', status, reason, ...(retryAfter !== undefined && { retryAfter }) };
  }
  return { kind: 'rejected', status, reason };
}

/** An accepting status whose JSON says otherwise in a `status` of its own is a refusal. */
function isAccepted({ status }: Record<string, unknown>): boolean {
  if (typeof status === 'string') return ['ok', 'success'].includes(status.toLowerCase());
  return status !== false;
}

function readJsonObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function describe(fields: Record<string, unknown>, body: string): string {
  const message = [fields['message'], fields['error'], body].find(
    (one) => typeof one === 'string' && one.trim() !== '',
  );
  return typeof message === 'string' ? `: ${message.trim().slice(0, 200)}` : '';
}
