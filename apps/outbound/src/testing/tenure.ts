import type { Tenure } from '@bridge/kafka';

/** A tenure without end, but for what a test changes. */
export const testTenure = (changes: Partial<Tenure> = {}): Tenure => ({
  ending: new AbortController().signal,
  ended: new AbortController().signal,
  mayBegin: async () => true,
  storeBy: async () => new Date(Date.now() + 28_000),
  ...changes,
});
