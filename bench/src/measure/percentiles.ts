export type Percentiles = { p50Ms: number; p99Ms: number; maxMs: number; count: number };

/** By nearest rank, of times in milliseconds; undefined when there are none. */
export function percentiles(timesMs: readonly number[]): Percentiles | undefined {
  if (timesMs.length === 0) return undefined;
  const sorted = Float64Array.from(timesMs).toSorted();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), count: sorted.length };
}
