import { PublishError } from './errors.ts';
import type { Leaders } from './leaders.ts';
import { pause, pauseAfter } from './pause.ts';
import type { TroubleLog } from './trouble-log.ts';

/** How often brokers are tried at the start. */
const startAttempts = 4;

export type Persist = (what: object, work: () => void | Promise<void>) => Promise<boolean>;

/** Asks the brokers who leads what, again and again, with growing pauses. */
export function createPersistence(leaders: Leaders, trouble: TroubleLog, closed: AbortSignal) {
  /** Until one answers and `work` succeeds. False when all was closed before. */
  const persist: Persist = async (what, work) => {
    for (let failures = 1; !closed.aborted; failures += 1) {
      try {
        await leaders.refresh();
        await work();
        return true;
      } catch (error) {
        trouble.failed(what, error);
        await pause(pauseAfter(failures), closed);
      }
    }
    return false;
  };

  /** Until one answers, or a few times none did. */
  async function start(): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await leaders.refresh();
      } catch (error) {
        if (failures === startAttempts)
          throw new PublishError('unavailable', `cannot connect: ${leaders.trouble()}`, error);
        await pause(pauseAfter(failures), closed);
      }
    }
  }

  return { persist, start };
}
