import { createCircuitBreaker } from './circuit-breaker.ts';
import type { BreakerState, CallHealth } from './circuit-breaker.ts';

/** A connection's own limits, from the configuration. */
export type GateLimits = { requestsPerSecond: number; burst: number; concurrency: number };

/**
 * How waiting for a call ended. `entered`: make it, then call `leave`. `late`: its time is over. `stopped`: the signal
 * aborted. `crowded-out`: its partition's window is full and the connection is not to be called now.
 */
export type Entry = 'entered' | 'late' | 'stopped' | 'crowded-out';

type Waiter = { partition: number; end(entry: Entry): void };

/**
 * Lets calls to one connection through as its limits allow: so many at once, so many a second, none while its breaker
 * is open. Who must wait waits here, and nobody else does.
 */
export function createConnectionGate(limits: GateLimits, isCrowded: (partition: number) => boolean) {
  const breaker = createCircuitBreaker();
  const waiters = new Set<Waiter>();
  let inFlight = 0;
  let tokens = limits.burst;
  let filledAt = performance.now();
  let timer: NodeJS.Timeout | undefined;

  function fill(now: number): void {
    tokens = Math.min(limits.burst, tokens + ((now - filledAt) / 1_000) * limits.requestsPerSecond);
    filledAt = now;
  }

  /** Lets in whom it can; when only time is missing, sets the clock for it. */
  function pump(): void {
    clearTimeout(timer);
    for (const waiter of waiters) {
      const now = performance.now();
      fill(now);
      const probing = breaker.state() !== 'closed';
      if (inFlight >= (probing ? 1 : limits.concurrency)) return;
      const waitMs = Math.max(breaker.waitMs(now), tokens >= 1 ? 0 : ((1 - tokens) / limits.requestsPerSecond) * 1_000);
      if (waitMs > 0) {
        timer = setTimeout(pump, Math.ceil(waitMs));
        return;
      }
      tokens -= 1;
      inFlight += 1;
      breaker.begin();
      waiter.end('entered');
    }
  }

  function enter(options: { partition: number; until: Date; signal: AbortSignal }): Promise<Entry> {
    const { partition, until, signal } = options;
    if (signal.aborted) return Promise.resolve('stopped');
    if (breaker.state() === 'open' && isCrowded(partition)) return Promise.resolve('crowded-out');
    return new Promise((resolve) => {
      const end = (entry: Entry) => {
        waiters.delete(waiter);
        if (waiters.size === 0) clearTimeout(timer);
        clearTimeout(late);
        signal.removeEventListener('abort', stopped);
        resolve(entry);
      };
      const waiter = { partition, end };
      const stopped = () => end('stopped');
      const late = setTimeout(() => end('late'), Math.max(0, until.getTime() - Date.now()));
      signal.addEventListener('abort', stopped);
      waiters.add(waiter);
      pump();
    });
  }

  function leave(health: CallHealth): void {
    inFlight -= 1;
    breaker.end(health, performance.now());
    for (const { partition } of waiters) crowdOut(partition);
    pump();
  }

  /** A partition's window is full: those of it that wait for an open breaker give way to the others. */
  function crowdOut(partition: number): void {
    if (breaker.state() !== 'open') return;
    for (const waiter of waiters) if (waiter.partition === partition && isCrowded(partition)) waiter.end('crowded-out');
  }

  return { enter, leave, crowdOut, state: (): BreakerState => breaker.state(), waiting: () => waiters.size };
}

export type ConnectionGate = ReturnType<typeof createConnectionGate>;
