/** Waits `ms` milliseconds, or less when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted || ms <= 0) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}

/** True when `work` ended before `deadline`. The work itself goes on. */
export async function endsBefore(deadline: Date, work: Promise<unknown> | undefined): Promise<boolean> {
  const timer = new AbortController();
  const late = pause(deadline.getTime() - Date.now(), timer.signal).then(() => false);
  const inTime = Promise.resolve(work).then(
    () => true,
    () => true,
  );
  const ended = await Promise.race([inTime, late]);
  timer.abort();
  return ended;
}

/** How long to pause before the next attempt, in milliseconds: 100 after the first failure, doubling, at most 1,000. */
export const pauseAfter = (failures: number): number => Math.min(100 * 2 ** (failures - 1), 1_000);
