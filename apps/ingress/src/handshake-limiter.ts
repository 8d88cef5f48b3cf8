/** Counts failed handshakes by their source; a source is any text that tells one sender from another. */
export type HandshakeLimiter = {
  exhausted(source: string, now: Date): boolean;
  failed(source: string, now: Date): void;
};

/**
 * After `burst` failures a source is exhausted; one failure is forgiven every `forgiveAfterMs`. At most `maxSources` are
 * remembered, the longest silent is forgotten first, so that a flood of addresses takes no memory.
 */
export function createHandshakeLimiter({
  burst = 60,
  forgiveAfterMs = 1_000,
  maxSources = 10_000,
} = {}): HandshakeLimiter {
  const sources = new Map<string, { failures: number; atMs: number }>();

  function failuresOf(source: string, now: Date): number {
    const known = sources.get(source);
    return known ? Math.max(0, known.failures - (now.getTime() - known.atMs) / forgiveAfterMs) : 0;
  }

  function failed(source: string, now: Date): void {
    const failures = failuresOf(source, now) + 1;
    sources.delete(source);
    sources.set(source, { failures, atMs: now.getTime() });
    const [oldest] = sources.keys();
    if (sources.size > maxSources && oldest !== undefined) sources.delete(oldest);
  }

  return { exhausted: (source, now) => Math.ceil(failuresOf(source, now)) >= burst, failed };
}
