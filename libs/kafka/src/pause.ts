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
