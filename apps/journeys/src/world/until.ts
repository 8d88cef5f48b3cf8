import { setTimeout as pause } from 'node:timers/promises';

const limitMs = 60_000;

/**
 * Asks again and again until the answer is neither undefined nor false, and gives it back. Fails after a minute, so that
 * no test depends on how fast a machine is.
 *
 * @param what is waited for, for the error
 * @param seen tells what there was instead, for the error
 */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  seen: () => unknown = () => '',
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}. ${text(seen())}`);
    await pause(25);
  }
}

function text(value: unknown): string {
  const whole = typeof value === 'string' ? value : `There was: ${JSON.stringify(value)}`;
  return whole.length > 4_000 ? `${whole.slice(0, 4_000)}…` : whole;
}
