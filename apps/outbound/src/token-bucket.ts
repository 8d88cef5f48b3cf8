/** So many calls a second in the long run, and so many saved up for a burst. */
export type Rate = { requestsPerSecond: number; burst: number };

/** A bucket that is full at first and fills by `requestsPerSecond` up to `burst`. Times are in milliseconds. */
export function createTokenBucket(given: Rate, createdAt: number) {
  let rate = given;
  let tokens = rate.burst;
  let filledAt = createdAt;

  function fill(now: number): void {
    tokens = Math.min(rate.burst, tokens + ((now - filledAt) / 1_000) * rate.requestsPerSecond);
    filledAt = now;
  }

  return {
    /** How long until there is a token; 0 when there is one now. */
    waitMs(now: number): number {
      fill(now);
      return tokens >= 1 ? 0 : ((1 - tokens) / rate.requestsPerSecond) * 1_000;
    },
    take(): void {
      tokens -= 1;
    },
    /** Another rate holds from now on; of what was saved up, as much stays as it allows. */
    change(next: Rate, now: number): void {
      fill(now);
      rate = next;
      fill(now);
    },
  };
}
