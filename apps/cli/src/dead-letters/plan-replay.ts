import type { DeadLetter } from './dead-letter.ts';
import { createLineage, isRouted, laneOf } from './lineage.ts';
import type { RoutedLetter } from './lineage.ts';
import { mayBeForgotten, wasReplayed } from './replay-trails.ts';
import type { ReplayTrail } from './replay-trails.ts';

/**
 * Why a letter is not replayed.
 * - `replayed`: it was before
 * - `repeated`: another letter is of the same record; a crash can write two
 * - `too-often`: it comes back again and again
 * - `forgotten`: nobody can tell any more whether it was replayed before
 * - `no-way-back`: its headers do not say where from, or no app reads there
 * - `beyond-max`: it is the turn of others
 */
export type SkipReason = 'replayed' | 'repeated' | 'too-often' | 'forgotten' | 'no-way-back' | 'beyond-max';

export type ReplayPlan = {
  /** In the order of their replay. */
  replay: RoutedLetter[];
  skipped: { letter: DeadLetter; reason: SkipReason }[];
};

export type ReplayLimits = { maxReplays: number; max?: number; includeForgotten?: true };

/**
 * Decides which letters are replayed, and in which order: each partition's by the offsets that their records had at
 * first, which is the order of every conversation; among the partitions the oldest letter goes first.
 */
export function planReplay(options: {
  /** All that are kept. */
  letters: DeadLetter[];
  meant(letter: DeadLetter): boolean;
  trails: ReadonlyMap<string, ReplayTrail>;
  isTarget(letter: RoutedLetter): boolean;
  limits: ReplayLimits;
}): ReplayPlan {
  const { letters, meant, trails, isTarget, limits } = options;
  const skipped: ReplayPlan['skipped'] = [];
  const open: RoutedLetter[] = [];
  const recordsDone = recordsReplayed(letters, trails);

  const skipReason = (letter: RoutedLetter, record: string): SkipReason | undefined => {
    const trail = trails.get(laneOf(letter.origin));
    if (wasReplayed(letter, trail)) return 'replayed';
    if (recordsDone.has(record)) return 'repeated';
    if (letter.replays >= limits.maxReplays) return 'too-often';
    return mayBeForgotten(letter, trail) && !limits.includeForgotten ? 'forgotten' : undefined;
  };

  for (const letter of letters.filter(meant)) {
    if (!isRouted(letter) || !isTarget(letter)) {
      skipped.push({ letter, reason: 'no-way-back' });
      continue;
    }
    const record = recordOf(letter);
    const reason = skipReason(letter, record);
    if (reason) {
      skipped.push({ letter, reason });
    } else {
      recordsDone.add(record);
      open.push(letter);
    }
  }
  const ordered = inReplayOrder(open, createLineage(letters));
  const replay = ordered.slice(0, limits.max);
  for (const letter of ordered.slice(replay.length)) skipped.push({ letter, reason: 'beyond-max' });
  return { replay, skipped };
}

function recordsReplayed(letters: DeadLetter[], trails: ReadonlyMap<string, ReplayTrail>): Set<string> {
  const replayed = letters.filter(isRouted).filter((letter) => wasReplayed(letter, trails.get(laneOf(letter.origin))));
  return new Set(replayed.map(recordOf));
}

/** The record that a letter is of. Not its place alone: in a topic that was made anew another one may lie there. */
const recordOf = ({ origin, key, replays, fingerprint }: RoutedLetter) =>
  JSON.stringify([laneOf(origin), origin.offset.toString(), key, replays, fingerprint]);

function inReplayOrder(letters: RoutedLetter[], firstOf: (letter: RoutedLetter) => RoutedLetter): RoutedLetter[] {
  const lanes = Map.groupBy(letters, ({ origin }) => laneOf(origin));
  const timed = [...lanes.values()].flatMap((lane) => {
    const placed = lane.map((letter) => ({ letter, first: firstOf(letter).origin.offset }));
    placed.sort((a, b) => compare(a.first, b.first) || compare(a.letter.origin.offset, b.letter.origin.offset));
    let timeMs = 0;
    // No letter goes before one that its partition puts before it, whatever the clocks said.
    return placed.map(({ letter }) => ({ letter, timeMs: (timeMs = Math.max(timeMs, letter.timestampMs)) }));
  });
  return timed.toSorted((a, b) => a.timeMs - b.timeMs).map(({ letter }) => letter);
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
