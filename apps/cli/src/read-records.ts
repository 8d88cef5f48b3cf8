import { readRange } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient, OffsetRange } from '@bridge/kafka';
import type { CommandContext } from './command-context.ts';
import { createProgress } from './progress.ts';

/** Reads these ranges of a topic to their end, and tells on standard error how far it is when that takes long. */
export async function readRecords(options: {
  client: KafkaClient;
  context: CommandContext;
  topic: string;
  ranges: ReadonlyMap<number, OffsetRange>;
  onRecord(record: ConsumedRecord): void;
}): Promise<void> {
  const { client, context, topic, ranges, onRecord } = options;
  const offsets = [...ranges.values()].reduce((sum, { from, to }) => sum + Math.max(0, Number(to - from)), 0);
  const advance = createProgress(context, `reading ${topic}`, offsets);
  await readRange({
    client,
    topic,
    ranges,
    onRecord(record) {
      onRecord(record);
      advance();
    },
  });
}
