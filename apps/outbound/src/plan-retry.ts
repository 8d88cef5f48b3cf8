import type { Verdict } from './judge-bot-answer.ts';

export type RetryLimits = { maxAttempts: number; maxAgeMs: number };

/** What comes after an attempt that did not settle its command. Waits are in milliseconds. */
export type RetryPlan = { kind: 'wait'; ms: number } | { kind: 'give-up'; reason: 'attempts-exhausted' | 'too-old' };

const firstCeilingMs = 1_000;
const ceilingMs = 120_000;
const longestRetryAfterMs = 5 * 60_000;
/**
 * Full jitter: a random wait below a ceiling that doubles from a second to two minutes, and never less than the
 * answer's Retry-After. After a refused key there is no wait of the command's own: its connection lets nothing through
 * until it may be tried again, and a wrong key must not empty a topic into dead letters.
 */
export function planRetry(
  verdict: Extract<Verdict, { kind: 'again' | 'refused-key' | 'lost' }>,
  command: { attempts: number; producedAt: Date },
  context: { limits: RetryLimits; now: Date; random: () => number },
): RetryPlan {
  const { limits, now, random } = context;
  const { attempts, producedAt } = command;
  if (verdict.kind === 'refused-key') return { kind: 'wait', ms: 0 };
  if (attempts >= limits.maxAttempts) return { kind: 'give-up', reason: 'attempts-exhausted' };

  const ceiling = Math.min(ceilingMs, firstCeilingMs * 2 ** (attempts - 1));
  const asked = verdict.kind === 'again' ? readRetryAfter(verdict.retryAfter, now) : 0;
  const ms = asked + Math.round(random() * ceiling);
  if (now.getTime() + ms - producedAt.getTime() > limits.maxAgeMs) return { kind: 'give-up', reason: 'too-old' };
  return { kind: 'wait', ms };
}

/** Seconds or a date, as RFC 9110 has it; what is neither asks for nothing. */
function readRetryAfter(value: string | undefined, now: Date): number {
  if (value === undefined) return 0;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now.getTime();
  return Number.isNaN(ms) ? 0 : Math.min(longestRetryAfterMs, Math.max(0, ms));
}
