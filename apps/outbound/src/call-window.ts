const slotMs = 1_000;

/**
 * Counts the calls of the last `windowMs`, and those that failed, by the second: what leaves the window leaves it with its
 * whole second, and a busy connection takes no more memory than a quiet one.
 */
export function createCallWindow(windowMs: number) {
  let slots: { number: number; calls: number; failed: number }[] = [];
  let calls = 0;
  let failed = 0;

  function forgetBefore(number: number): void {
    for (let oldest = slots[0]; oldest && oldest.number < number; oldest = slots[0]) {
      calls -= oldest.calls;
      failed -= oldest.failed;
      slots.shift();
    }
  }

  return {
    /** Times in milliseconds, ascending. */
    add(now: number, hasFailed: boolean): void {
      const number = Math.floor(now / slotMs);
      forgetBefore(number + 1 - windowMs / slotMs);
      if (slots.at(-1)?.number !== number) slots.push({ number, calls: 0, failed: 0 });
      const slot = slots.at(-1) as (typeof slots)[number];
      calls += 1;
      slot.calls += 1;
      if (!hasFailed) return;
      failed += 1;
      slot.failed += 1;
    },
    /** As of the last one that was added. */
    counts: () => ({ calls, failed }),
    clear(): void {
      slots = [];
      calls = 0;
      failed = 0;
    },
  };
}
