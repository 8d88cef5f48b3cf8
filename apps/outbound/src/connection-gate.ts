import { createCircuitBreaker } from './circuit-breaker.ts';
import type { BreakerState, CallHealth } from './circuit-breaker.ts';
import { createTokenBucket } from './token-bucket.ts';
import type { Rate } from './token-bucket.ts';

/** A connection's own limits, from the configuration. */
export type GateLimits = Rate & { concurrency: number };

/**
 * How waiting for a call ended. `entered`: make it, then call `leave`. `late`: its time is over. `stopped`: the signal
 * aborted. `crowded-out`: it had to give way to others, and the connection is not to be called now. `changed`: what is
 * configured of the connection is no longer what it was.
 */
export type Entry = 'entered' | 'late' | 'stopped' | 'crowded-out' | 'changed';

type Place = { partition: number; offset: string };
type Wait = Place & { until: Date; signal: AbortSignal };
type Waiter = Place & { signal: AbortSignal; end(entry: Entry): void };

/**
 * Lets calls to one connection through as its limits allow: so many at once, so many a second, none while its breaker
 * is open. Who must wait waits here, and nobody else does.
 */
export function createConnectionGate(given: GateLimits, mustGiveWay: (place: Place) => boolean) {
  let limits = given;
  let breaker = createCircuitBreaker();
  const bucket = createTokenBucket(limits, performance.now());
  const waiters = new Set<Waiter>();
  const first = firstOf(waiters);
  const heeded = new WeakSet<AbortSignal>();
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Lets one in, if that is possible now; how long until time alone makes it so, and undefined when time does not. */
  function admit(): number | undefined {
    const now = performance.now();
    const probing = breaker.state() !== 'closed';
    if (inFlight >= (probing ? 1 : limits.concurrency)) return undefined;
    const waitMs = Math.max(breaker.waitMs(now), bucket.waitMs(now));
    if (waitMs > 0) return waitMs;
    bucket.take();
    inFlight += 1;
    breaker.begin();
    return 0;
  }

  /** Lets in whom it can; when only time is missing, sets the clock for it. */
  function pump(): void {
    clearTimeout(timer);
    for (let waiter = first(); waiter; waiter = first()) {
      const waitMs = admit();
      if (waitMs === undefined) return;
      if (waitMs > 0) {
        timer = setTimeout(pump, Math.ceil(waitMs));
        return;
      }
      waiter.end('entered');
    }
  }

  function enter(options: Wait): Promise<Entry> {
    if (options.signal.aborted) return Promise.resolve('stopped');
    if (isShut() && mustGiveWay(options)) return Promise.resolve('crowded-out');
    // As hardly anybody has to wait, usually.
    if (waiters.size === 0 && admit() === 0) return Promise.resolve('entered');
    heed(options.signal);
    const entry = waitAmong(waiters, options, () => clearTimeout(timer));
    pump();
    return entry;
  }

  /** Once for all that wait with it: a signal goes through all its listeners for each one more. */
  function heed(signal: AbortSignal): void {
    if (heeded.has(signal)) return;
    heeded.add(signal);
    const stop = () => waiters.forEach((waiter) => waiter.signal === signal && waiter.end('stopped'));
    signal.addEventListener('abort', stop, { once: true });
  }

  function leave(health: CallHealth): void {
    inFlight -= 1;
    breaker.end(health, performance.now());
    if (isShut()) new Set([...waiters].map(({ partition }) => partition)).forEach(crowdOut);
    pump();
  }

  /** The breaker lets nobody in: it is not time to try yet, or a call is under way that tries. */
  const isShut = () => breaker.state() !== 'closed' && (inFlight > 0 || breaker.waitMs(performance.now()) > 0);

  /** A partition is crowded: those of it that wait for an open breaker give way, the oldest first, as many as must. */
  function crowdOut(partition: number): void {
    if (!isShut()) return;
    for (const waiter of waiters) {
      if (waiter.partition !== partition) continue;
      if (!mustGiveWay(waiter)) return;
      waiter.end('crowded-out');
    }
  }

  return {
    enter,
    leave,
    crowdOut,
    /** Sends away all that wait, to come again by what is configured now. */
    release: (): void => waiters.forEach((waiter) => waiter.end('changed')),
    /** Other limits hold from now on, and those under way count. */
    limit(next: GateLimits): void {
      limits = next;
      bucket.change(next, performance.now());
    },
    /** What failed says nothing of what is called from now on. */
    forgive: (): void => void (breaker = createCircuitBreaker()),
    state: (): BreakerState => breaker.state(),
    waiting: () => waiters.size,
    inFlight: () => inFlight,
  };
}

/**
 * Tells who has waited longest, again and again. A set keeps the places of those that left, tens of thousands of them, and
 * whoever begins at its front goes through them all; this goes on from where it was.
 */
function firstOf(waiters: Set<Waiter>): () => Waiter | undefined {
  let ahead = waiters.values();
  let current: Waiter | undefined;
  return () => {
    while (!current || !waiters.has(current)) {
      if (waiters.size === 0) return undefined;
      const next = ahead.next();
      // It has been at the end before, and others have come since.
      if (next.done) ahead = waiters.values();
      current = next.value;
    }
    return current;
  };
}

/** Joins the others until somebody ends the waiting, or its time is over. */
function waitAmong(
  waiters: Set<Waiter>,
  { partition, offset, until, signal }: Wait,
  onLast: () => void,
): Promise<Entry> {
  return new Promise((resolve) => {
    const end = (entry: Entry) => {
      waiters.delete(waiter);
      if (waiters.size === 0) onLast();
      clearTimeout(late);
      resolve(entry);
    };
    const waiter = { partition, offset, signal, end };
    const late = setTimeout(() => end('late'), Math.max(0, until.getTime() - Date.now()));
    waiters.add(waiter);
  });
}

export type ConnectionGate = ReturnType<typeof createConnectionGate>;
