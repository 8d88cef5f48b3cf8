import type { DeadLetter } from './dead-letter.ts';

/** How many letters one app gave up on for one reason, of one topic. */
export type ReasonCount = { stage: string; topic: string; reason: string; count: number; newestMs: number };

/** Counts letters by stage, topic and reason, the most frequent first. */
export function countReasons(letters: DeadLetter[]): ReasonCount[] {
  const counts = new Map<string, ReasonCount>();
  for (const { stage, reason, origin, timestampMs } of letters) {
    const topic = origin?.topic ?? '?';
    const id = JSON.stringify([stage, topic, reason]);
    const { count = 0, newestMs = 0 } = counts.get(id) ?? {};
    counts.set(id, { stage, topic, reason, count: count + 1, newestMs: Math.max(newestMs, timestampMs) });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}
