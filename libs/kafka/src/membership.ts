import { pause } from './pause.ts';
import type { GroupMember } from './wire/group-offsets.ts';

/** What a process knows of its being a member of its group. */
export type Membership = {
  /** As whom the group knows it since it last joined; undefined before. */
  member: GroupMember | undefined;
  /**
   * Makes a request that only a member is answered. What counts is when it was made: its answer may have lain in a socket
   * while the process slept.
   */
  ask<Answer>(request: () => Promise<Answer>): Promise<Answer>;
  /** The group was told that this member leaves. */
  leave(): void;
  /** So long, in milliseconds, nobody else can have its partitions. */
  sureForMs(): number;
  /** Waits until that is at least `ms`, or the signal aborts: then false. */
  untilSureFor(ms: number, signal: AbortSignal): Promise<boolean>;
};

const never = { steadyMs: -Infinity, wallMs: -Infinity };
const lookAgainMs = 100;

/** A coordinator gives away a member's partitions when it has heard nothing of it for a session's length. */
export function createMembership({ sessionMs }: { sessionMs: number }): Membership {
  let sign = never;

  const sureForMs = () => sessionMs - ageOf(sign);
  return {
    member: undefined,
    async ask(request) {
      const asked = clocks();
      try {
        const answer = await request();
        sign = asked;
        return answer;
      } catch (error) {
        const { type } = error as { type?: string };
        // "Rebalancing" is no sign: it may have begun long ago, and who does not join in time is out.
        if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION') sign = never;
        throw error;
      }
    },
    leave: () => void (sign = never),
    sureForMs,
    async untilSureFor(ms, signal) {
      while (sureForMs() < ms && !signal.aborted) await pause(lookAgainMs, signal);
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
