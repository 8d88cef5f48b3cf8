import { createPublisher, PublishError } from '@bridge/kafka';
import type { Ack, ConsumedRecord, KafkaClient, OffsetRange, Publisher } from '@bridge/kafka';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { RoutedLetter } from './lineage.ts';
import { readRecords } from '../read-records.ts';
import { replayRecord } from './replay-record.ts';

/** Held in memory at a time. */
const maxReadBytes = 32 << 20;
/** Published by one call. What one call holds is stored or not, together; so a large record is alone in its own. */
const maxCallBytes = 256 * 1024;
const maxCallRecords = 200;
const publishTimeoutMs = 30_000;

export type Replay = { letter: RoutedLetter; record: ConsumedRecord };

/**
 * Publishes the letters again, in this order, and tells of each what became of it. Throws when Kafka takes no more; what
 * was told is stored, and the next run finds it.
 */
export async function publishReplays(options: {
  client: KafkaClient;
  context: CommandContext;
  deadLetters: string;
  letters: RoutedLetter[];
  signal: AbortSignal;
  onReplayed(letter: RoutedLetter, ack: Ack): void;
  onRefused(letter: RoutedLetter, why: string): void;
}): Promise<void> {
  const { client, context, deadLetters, letters, signal, onReplayed, onRefused } = options;
  const publisher = createPublisher({ client, maxRecordBytes: 5 << 20 });
  try {
    for (const part of cut(letters, { bytes: maxReadBytes })) {
      const replays = await readReplays({ client, context, deadLetters, letters: part, onRefused });
      for (const call of cut(replays, { bytes: maxCallBytes, count: maxCallRecords })) {
        if (signal.aborted) return;
        await publishTogether(publisher, call, { onReplayed, onRefused });
      }
    }
  } finally {
    await publisher.stop({ deadline: new Date(Date.now() + publishTimeoutMs) });
  }
}

/** Reads the letters once more, with their values, which were too much to keep. */
async function readReplays(options: {
  client: KafkaClient;
  context: CommandContext;
  deadLetters: string;
  letters: RoutedLetter[];
  onRefused(letter: RoutedLetter, why: string): void;
}): Promise<(Replay & { sizeBytes: number })[]> {
  const { client, context, deadLetters, letters, onRefused } = options;
  const wanted = new Set(letters.map(({ id }) => id));
  const records = new Map<string, ConsumedRecord>();
  const onRecord = (record: ConsumedRecord) => {
    const id = `${record.partition}@${record.offset}`;
    if (wanted.has(id)) records.set(id, record);
  };
  await readRecords({ client, context, topic: deadLetters, ranges: rangesOf(letters), onRecord });
  return letters.flatMap((letter) => {
    const record = records.get(letter.id);
    if (record) return [{ letter, record, sizeBytes: record.sizeBytes }];
    onRefused(letter, 'it is no longer kept');
    return [];
  });
}

/** The least that holds them all. */
export function rangesOf(letters: DeadLetter[]): Map<number, OffsetRange> {
  const ranges = new Map<number, OffsetRange>();
  for (const { partition, offset } of letters) {
    const { from, to } = ranges.get(partition) ?? { from: offset, to: offset };
    ranges.set(partition, { from: offset < from ? offset : from, to: offset >= to ? offset + 1n : to });
  }
  return ranges;
}

async function publishTogether(
  publisher: Publisher,
  replays: Replay[],
  report: { onReplayed(letter: RoutedLetter, ack: Ack): void; onRefused(letter: RoutedLetter, why: string): void },
): Promise<void> {
  const records = replays.map(({ record, letter }) => replayRecord(record, letter));
  try {
    const acks = await publisher.publish(records, { deadline: new Date(Date.now() + publishTimeoutMs) });
    replays.forEach(({ letter }, index) => report.onReplayed(letter, acks[index] as Ack));
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    const [first, second] = replays;
    if (error.kind === 'too-large' && first && !second) {
      report.onRefused(first.letter, `too large: ${error.message}`);
      return;
    }
    const advice = 'Run it again when Kafka is well: what was stored all the same is found and skipped.';
    throw new CommandError(
      `Kafka did not take the next letters: ${error.message}\n${advice}`,
      'brokerUnreachable',
      error,
    );
  }
}

/** Cuts a list, its order kept, into parts of bounded size; what is larger alone is a part of its own. */
export function* cut<T extends { sizeBytes: number }>(
  list: T[],
  limits: { bytes: number; count?: number },
): Generator<T[]> {
  const { bytes, count = Number.POSITIVE_INFINITY } = limits;
  let part: T[] = [];
  let partBytes = 0;
  for (const one of list) {
    if (part.length > 0 && (partBytes + one.sizeBytes > bytes || part.length >= count)) {
      yield part;
      part = [];
      partBytes = 0;
    }
    part.push(one);
    partBytes += one.sizeBytes;
  }
  if (part.length > 0) yield part;
}
