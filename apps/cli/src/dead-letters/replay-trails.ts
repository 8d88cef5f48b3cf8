import { topicRanges } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient, OffsetRange } from '@bridge/kafka';
import { deadLetterHeaders } from '@bridge/schemas';
import type { CommandContext } from '../command-context.ts';
import { replayedFrom } from './dead-letter.ts';
import { laneOf } from './lineage.ts';
import type { RoutedLetter } from './lineage.ts';
import { readRecords } from '../read-records.ts';

/** What the partition that letters came from tells of earlier replays. */
export type ReplayTrail = {
  /** Offsets that the partition still has. */
  kept: OffsetRange;
  /** Which of them were read: those behind the letters' own. */
  read: OffsetRange;
  /** When the first record that was read was stored. */
  sinceMs: number | undefined;
  /** Of every replayed record that was read. */
  marks: Set<string>;
  /** The letter that the record at an offset was replayed from. */
  letterAt: Map<string, string>;
};

/** Clocks differ: the time of a letter is its app's, that of a command the broker's. */
const clockToleranceMs = 10 * 60_000;

/** By partition, what earlier replays wrote to where these letters came from. */
export async function readTrails(
  client: KafkaClient,
  context: CommandContext,
  letters: RoutedLetter[],
): Promise<ReadonlyMap<string, ReplayTrail>> {
  const trails = new Map<string, ReplayTrail>();
  for (const [topic, ofTopic] of Map.groupBy(letters, ({ origin }) => origin.topic)) {
    const kept = await topicRanges(client, topic);
    const ranges = new Map<number, OffsetRange>();
    for (const [partition, ofPartition] of Map.groupBy(ofTopic, ({ origin }) => origin.partition)) {
      const trail = startTrail(ofPartition, kept.get(partition));
      trails.set(laneOf({ topic, partition }), trail);
      ranges.set(partition, trail.read);
    }
    const onRecord = (record: ConsumedRecord) => learn(trails.get(laneOf(record)), record);
    await readRecords({ client, context, topic, ranges, onRecord });
  }
  return trails;
}

/** A replay always lies behind the record that it repeats, so that nothing before the first of those needs to be read. */
export function startTrail(letters: RoutedLetter[], kept: OffsetRange = { from: 0n, to: 0n }): ReplayTrail {
  const behind = letters.map(({ origin }) => origin.offset + 1n);
  const first = behind.reduce((least, offset) => (offset < least ? offset : least), kept.to);
  // Letters from beyond the end: the topic was made anew, and its offsets tell nothing.
  const anew = behind.some((offset) => offset > kept.to);
  const from = anew || first < kept.from ? kept.from : first;
  return { kept, read: { from, to: kept.to }, sinceMs: undefined, marks: new Set(), letterAt: new Map() };
}

/** Takes a record of the partition into account. */
export function learn(trail: ReplayTrail | undefined, { key, offset, headers, timestampMs }: ConsumedRecord): void {
  if (!trail) return;
  trail.sinceMs ??= timestampMs;
  const id = headers[replayedFrom];
  if (id === undefined) return;
  trail.marks.add(markOf(id, Number(headers[deadLetterHeaders.replays]), key));
  trail.letterAt.set(offset, id);
}

/** Whether a replay of this letter lies where it belongs. */
export const wasReplayed = ({ id, replays, key }: RoutedLetter, trail: ReplayTrail | undefined): boolean =>
  trail?.marks.has(markOf(id, replays + 1, key)) ?? false;

/** More than the id: dead letters of a topic that was made anew have the ids of others before them. */
const markOf = (id: string, replays: number, key: string | null) => JSON.stringify([id, replays, key]);

/** Whether a replay may have been there and be deleted by now: the partition keeps less than the dead letters do. */
export function mayBeForgotten({ origin, timestampMs }: RoutedLetter, trail: ReplayTrail | undefined): boolean {
  if (!trail || trail.kept.from <= origin.offset + 1n) return false;
  return trail.sinceMs === undefined || trail.sinceMs > timestampMs - clockToleranceMs;
}
