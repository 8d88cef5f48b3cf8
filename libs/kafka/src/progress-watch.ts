/** Tells how long a consumer has done nothing of what it is for. */
export type ProgressWatch = {
  /** It begins a fetch, joins its group, or starts anew. A heartbeat is no sign: it goes on also when nothing else does. */
  sign(): void;
  /** A batch is handled: meanwhile no fetch is due, but a call of `step` from time to time, or the end. */
  during<T>(work: (step: () => void) => Promise<T>): Promise<T>;
  silentMs(): number;
};

/** `now` is a clock in milliseconds that never goes back. */
export function createProgressWatch(now: () => number): ProgressWatch {
  let lastSign = now();
  const batches = new Set<{ lastStep: number }>();

  return {
    sign: () => void (lastSign = now()),
    async during(work) {
      const batch = { lastStep: now() };
      batches.add(batch);
      try {
        return await work(() => void (batch.lastStep = now()));
      } finally {
        batches.delete(batch);
        lastSign = now();
      }
    },
    silentMs: () => now() - (batches.size === 0 ? lastSign : Math.min(...[...batches].map(({ lastStep }) => lastStep))),
  };
}
