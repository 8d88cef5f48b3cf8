import type { Membership } from './membership.ts';

/** What is begun, and what is handed over to the next owner, takes at most this long. */
export const longestWorkMs = 12_000;
/** So long it may take until the broker has what is stored. */
export const storingMs = 2_000;

/** How long a partition's records are this process's to handle. */
export type Tenure = {
  /** Aborts when nothing new may be begun: a stop, a rebalance. What runs may end, and be stored. */
  ending: AbortSignal;
  /** Aborts when the partition may be another member's: nothing may be stored any more. */
  ended: AbortSignal;
  /**
   * To be awaited before anything that others see, and that takes no more than 12 s. A process that slept or was cut off
   * may be no member of its group any more, and not know it yet: it waits here until it does. False once `ending`.
   */
  mayBegin(): Promise<boolean>;
  /**
   * To be awaited before what became of a record is stored, as `mayBegin`, but till `ended`: gives the time by which it
   * must be stored, and undefined when it must not be any more.
   */
  storeBy(): Promise<Date | undefined>;
};

/** The tenure of a partition that was just assigned, and what brings it to its end. */
export function createTenure(membership: Membership): { tenure: Tenure; beginEnd(): void; end(): void } {
  const ending = new AbortController();
  const ended = new AbortController();
  const tenure = {
    ending: ending.signal,
    ended: ended.signal,
    mayBegin: () => membership.untilSureFor(longestWorkMs, ending.signal),
    storeBy: async () => {
      const mine = await membership.untilSureFor(storingMs, ended.signal);
      return mine ? new Date(Date.now() + membership.sureForMs() - storingMs) : undefined;
    },
  };
  const beginEnd = () => ending.abort();
  const end = () => {
    ending.abort();
    ended.abort();
  };
  return { tenure, beginEnd, end };
}
