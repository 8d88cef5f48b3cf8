/** What outbound tells of itself at one moment. */
export type Sample = {
  at: number;
  residentMiB: number;
  heapMiB: number;
  /** Buffers outside of the heap. */
  externalMiB: number;
  /** Taken and not settled. */
  unfinished: number;
  /** Of the partition that holds most. */
  fullestWindow: number;
  /** Connections whose breaker is not closed. */
  openBreakers: number;
};

const everyMs = 1_000;
const mebibyte = 1 << 20;

/** Looks at an outbound's metrics every second, until it is stopped. */
export function watchOutbound(metricsUrl: string) {
  const samples: Sample[] = [];
  const look = async () => {
    const signal = AbortSignal.timeout(everyMs * 5);
    const answer = await fetch(metricsUrl, { signal }).catch(() => undefined);
    if (answer?.ok) samples.push(sampleOf(await answer.text(), Date.now()));
  };
  const timer = setInterval(() => void look(), everyMs);
  return { samples, stop: () => clearInterval(timer) };
}

/** Reads a sample from metrics in Prometheus' text format. */
export function sampleOf(text: string, at: number): Sample {
  const values = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:{[^}]*})? (\\S+)`, 'gm'))].map(([, value]) => Number(value));
  const only = (name: string) => values(name)[0] ?? 0;
  const windows = values('bridge_outbound_unfinished_commands');
  return {
    at,
    residentMiB: only('process_resident_memory_bytes') / mebibyte,
    heapMiB: only('nodejs_heap_size_used_bytes') / mebibyte,
    externalMiB: only('nodejs_external_memory_bytes') / mebibyte,
    unfinished: windows.reduce((sum, one) => sum + one, 0),
    fullestWindow: Math.max(0, ...windows),
    openBreakers: values('bridge_outbound_breaker_open').filter((value) => value > 0).length,
  };
}
