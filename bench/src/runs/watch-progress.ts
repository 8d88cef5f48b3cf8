import { setTimeout as sleep } from 'node:timers/promises';
import { consumptionBetween } from '../measure/meter.ts';
import type { Consumption, Meter, Reading } from '../measure/meter.ts';

export type Sample = { count: number; reading: Reading };

const everyMs = 100;

/**
 * Looks again and again how far it came, until `isDone` says so of the samples so far. Throws what `died` tells, or when
 * there is no progress at all for `patienceMs`.
 */
export async function watchProgress(options: {
  meter: Meter;
  count(): Promise<number>;
  isDone(samples: Sample[]): boolean;
  died(): string | undefined;
  patienceMs: number;
}): Promise<Sample[]> {
  const { meter, count, isDone, died, patienceMs } = options;
  const samples: Sample[] = [];
  let progressAt = performance.now();
  for (;;) {
    const now = { count: await count(), reading: meter.read() };
    if (now.count !== (samples.at(-1)?.count ?? 0)) progressAt = now.reading.atMs;
    samples.push(now);
    if (isDone(samples)) return samples;
    const reason = died();
    if (reason !== undefined) throw new Error(reason);
    if (now.reading.atMs - progressAt > patienceMs) {
      throw new Error(`it stopped at ${now.count} and did nothing more for ${patienceMs / 1_000} s`);
    }
    await sleep(everyMs);
  }
}

/** From the last sample with `from` or less to the first with `to` or more: what was done, and what it cost. */
export function stretch(samples: Sample[], from: number, to: number): { count: number; consumption: Consumption } {
  const last = samples.findIndex(({ count }) => count >= to);
  const end = samples[last === -1 ? samples.length - 1 : last];
  // However few samples there are, there are two.
  const begin =
    samples.slice(0, Math.max(1, samples.indexOf(end as Sample))).findLast(({ count }) => count <= from) ?? samples[0];
  if (begin === undefined || end === undefined) throw new Error('there are no samples');
  return { count: end.count - begin.count, consumption: consumptionBetween(begin.reading, end.reading) };
}
