import { setTimeout as sleep } from 'node:timers/promises';
import { sharedNowMs } from '../measure/shared-clock.ts';

/**
 * Calls `onDue` so many times a second, for so long, whether or not what it begins has ended. It gets the moment at which
 * it was due: who comes late has to count that, too. Resolves with how often it was called.
 */
export async function pace(options: {
  perSecond: number;
  seconds: number;
  onDue(index: number, dueMs: number): void;
}): Promise<number> {
  const { perSecond, seconds, onDue } = options;
  const start = sharedNowMs();
  const count = Math.floor(perSecond * seconds);
  for (let index = 0; index < count;) {
    const due = Math.min(count, Math.ceil(((sharedNowMs() - start) / 1_000) * perSecond));
    for (; index < due; index += 1) onDue(index, start + (index / perSecond) * 1_000);
    await sleep(1);
  }
  return count;
}
