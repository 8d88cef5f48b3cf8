import type { Log } from './log.ts';

const firstReminderMs = 10_000;
const longestReminderMs = 300_000;

/** Says once that something began to fail, now and then that it still does, and once that nothing fails any more. */
export type TroubleLog = {
  /** `what` failed, perhaps not for the first time. */
  failed(what: object, error: unknown): void;
  worked(what: object): void;
};

export function createTroubleLog(log: Log): TroubleLog {
  const failing = new Set<object>();
  let since = 0;
  let reminderMs = 0;
  let nextAt = 0;

  function failed(what: object, error: unknown): void {
    const now = Date.now();
    if (failing.size === 0) [since, nextAt, reminderMs] = [now, now, firstReminderMs];
    failing.add(what);
    if (now < nextAt) return;
    const seconds = Math.round((now - since) / 1000);
    log.warn({ seconds, error: String(error) }, 'records wait to be published; trying again');
    nextAt = now + reminderMs;
    reminderMs = Math.min(reminderMs * 2, longestReminderMs);
  }

  function worked(what: object): void {
    if (!failing.delete(what) || failing.size > 0) return;
    log.info({ seconds: Math.round((Date.now() - since) / 1000) }, 'records are published again');
  }

  return { failed, worked };
}
