const firstMs = 200;
const longestMs = 5_000;
/** What ran this long without a failure begins anew with short pauses. */
const steadyMs = 60_000;

/**
 * How long to wait before something that failed is started again, in milliseconds: the more often it fails, the longer,
 * and less by the time that it ran. `now` is a clock in milliseconds that never goes back.
 */
export function createRestartPauses(now: () => number): () => number {
  let spacingMs = 0;
  let startedAt = now();

  return () => {
    const ranMs = now() - startedAt;
    spacingMs = ranMs >= steadyMs ? firstMs : Math.min(longestMs, Math.max(firstMs, spacingMs * 2));
    const pauseMs = Math.max(0, spacingMs - ranMs);
    startedAt = now() + pauseMs;
    return pauseMs;
  };
}
