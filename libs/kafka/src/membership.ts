import { pause } from './pause.ts';

/** What a process knows of its being a member of its group. */
export type Membership = {
  /**
   * Makes a request that only a member is answered. What counts is when it was made: its answer may have lain in a socket
   * while the process slept.
   */
  ask<Answer>(request: () => Promise<Answer>): Promise<Answer>;
  /** The group was told that this member leaves. */
  leave(): void;
  isSure(): boolean;
  /** Waits until it is sure, or the signal aborts. */
  untilSure(signal: AbortSignal): Promise<boolean>;
};

const never = { steadyMs: -Infinity, wallMs: -Infinity };
const lookAgainMs = 100;

/**
 * A coordinator gives away a member's partitions when it has heard nothing of it for a session's length. The member is
 * sure of itself for `sureMs` after a request that it was answered: what is begun then, and ends within the rest of the
 * session, ends before anybody else begins.
 */
export function createMembership({ sureMs }: { sureMs: number }): Membership {
  let sign = never;

  const isSure = () => ageOf(sign) < sureMs;
  return {
    async ask(request) {
      const asked = clocks();
      try {
        const answer = await request();
        sign = asked;
        return answer;
      } catch (error) {
        const { type } = error as { type?: string };
        // Both are answers of a coordinator that knows its members: go and join again, or you are none.
        if (type === 'REBALANCE_IN_PROGRESS') sign = asked;
        if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION') sign = never;
        throw error;
      }
    },
    leave: () => void (sign = never),
    isSure,
    async untilSure(signal) {
      while (!isSure() && !signal.aborted) await pause(lookAgainMs, signal);
      return !signal.aborted;
    },
  };
}

/** Two clocks, as each may stand still while a machine sleeps; the one that went further is believed. */
const clocks = () => ({ steadyMs: performance.now(), wallMs: Date.now() });

function ageOf(then: ReturnType<typeof clocks>): number {
  const now = clocks();
  return Math.max(now.steadyMs - then.steadyMs, now.wallMs - then.wallMs);
}
