import { PassingSet } from '@bridge/kafka';

/**
 * Gives each of many calls a signal of its own that aborts with `signal`; `end` takes it back. A signal goes through all its
 * listeners for each one that joins or leaves, and `AbortSignal.any` costs more than most of the calls that it guards.
 */
export function createFollower() {
  const followers = new WeakMap<AbortSignal, PassingSet<AbortController>>();

  function followersOf(signal: AbortSignal): PassingSet<AbortController> {
    const known = followers.get(signal);
    if (known) return known;
    const all = new PassingSet<AbortController>();
    followers.set(signal, all);
    signal.addEventListener('abort', () => [...all].forEach((one) => one.abort()), { once: true });
    return all;
  }

  return (signal: AbortSignal): { signal: AbortSignal; end(): void } => {
    const own = new AbortController();
    if (signal.aborted) own.abort();
    const all = followersOf(signal);
    all.add(own);
    return { signal: own.signal, end: () => all.delete(own) };
  };
}
