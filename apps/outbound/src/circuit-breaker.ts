import { createCallWindow } from './call-window.ts';

/** What a call meant for its connection: it works, it fails, its key was refused, or it was not made after all. */
export type CallHealth = 'ok' | 'failed' | 'key-refused' | 'not-called';
export type BreakerState = 'closed' | 'open' | 'half-open';

const windowMs = 30_000;
const minCalls = 10;
const failureShare = 0.5;
const firstOpenMs = 10_000;
const longestOpenMs = 120_000;

/**
 * Stops calls to a connection that fails: opens when at least half of at least ten calls in 30 s failed, when ten in a
 * row did (few calls at a time that all hang are no ten in 30 s), or at once when the key is refused. After 10 s one call
 * may try; if that fails too, the next wait is twice as long, up to 2 min.
 */
export function createCircuitBreaker() {
  const window = createCallWindow(windowMs);
  let failedInRow = 0;
  let openUntil = 0;
  let openMs = 0;
  let state: BreakerState = 'closed';

  function open(now: number): void {
    openMs = Math.min(longestOpenMs, openMs === 0 ? firstOpenMs : openMs * 2);
    openUntil = now + openMs;
    state = 'open';
    window.clear();
    failedInRow = 0;
  }

  return {
    /** Milliseconds until the next call may be made; 0 when it may be made now. */
    waitMs: (now: number): number => (state === 'open' ? Math.max(0, openUntil - now) : 0),
    /** A call is being made: the first after the wait is the one that tries. */
    begin(): void {
      if (state === 'open') state = 'half-open';
    },
    end(health: CallHealth, now: number): void {
      // Calls that were under way when it opened.
      if (state === 'open' || health === 'not-called') return;
      if (health === 'key-refused') return open(now);
      if (state === 'half-open') {
        if (health === 'failed') return open(now);
        state = 'closed';
        openMs = 0;
      }
      window.add(now, health === 'failed');
      failedInRow = health === 'failed' ? failedInRow + 1 : 0;
      const { calls, failed } = window.counts();
      const failsOften = calls >= minCalls && failed >= calls * failureShare;
      if (failsOften || failedInRow >= minCalls) open(now);
    },
    state: (): BreakerState => state,
  };
}
