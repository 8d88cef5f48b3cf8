import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord } from './records.ts';
import { committedOffset, withAdmin } from './topics.ts';

/** A topic that tells what was done before, partition by partition the same as the topic that is consumed. */
export type Ledger = {
  topic: string;
  /** How far before the first record to be handled it is read, in milliseconds. */
  rewindMs: number;
  /** A partition is read anew: what was known of it counts no more. Records before `next` will not be handled again. */
  onOpen(partition: number, next: bigint): void;
  /** Must not throw. */
  onRecord(record: ConsumedRecord): void;
};

/** How far the ledger of one partition was read. */
export type LedgerProgress = { kind: 'unread' } | { kind: 'reading'; target: bigint } | { kind: 'read' };

/**
 * Begins to read the ledger of a partition, up to what it holds now, and holds the records back until then. The batch
 * gives the time of the first record to be handled; it is fetched again afterwards.
 */
export async function openLedger(options: {
  client: KafkaClient;
  groupId: string;
  ledger: Ledger;
  batch: EachBatchPayload['batch'];
  consumer: Consumer;
  /** False when the partition was assigned anew meanwhile: then that assignment opens the ledger itself. */
  isCurrent(): boolean;
}): Promise<LedgerProgress> {
  const { client, groupId, ledger, batch, consumer } = options;
  const { partition } = batch;
  const first = batch.messages[0];
  const since = Math.max(0, Number(first?.timestamp ?? 0) - ledger.rewindMs);
  const { from, target, next } = await withAdmin(client, async (admin) => {
    const committed = await committedOffset(admin, groupId, batch.topic, partition);
    const starts = await admin.fetchTopicOffsetsByTimestamp(ledger.topic, since);
    const ends = await admin.fetchTopicOffsets(ledger.topic);
    const offset = BigInt(starts.find((one) => one.partition === partition)?.offset ?? '-1');
    const high = BigInt(ends.find((one) => one.partition === partition)?.high ?? '0');
    return { from: offset < 0n ? high : offset, target: high, next: committed };
  });
  if (!options.isCurrent()) return { kind: 'unread' };
  ledger.onOpen(partition, next);
  // Not the batch's own first offset: it may have been fetched before a rebalance, further on.
  consumer.seek({ topic: batch.topic, partition, offset: next.toString() });
  if (from >= target) return { kind: 'read' };
  consumer.pause([{ topic: batch.topic, partitions: [partition] }]);
  consumer.seek({ topic: ledger.topic, partition, offset: from.toString() });
  consumer.resume([{ topic: ledger.topic, partitions: [partition] }]);
  return { kind: 'reading', target };
}

/** Takes a batch of the ledger. Once it was read to its end, the records of `topic` may come. */
export function readLedger(options: {
  ledger: Ledger;
  payload: EachBatchPayload;
  topic: string;
  progress: LedgerProgress;
  consumer: Consumer;
}): LedgerProgress {
  const { ledger, payload, topic, progress, consumer } = options;
  const { batch, resolveOffset } = payload;
  const { partition } = batch;
  if (progress.kind !== 'reading') {
    consumer.pause([{ topic: ledger.topic, partitions: [partition] }]);
    return progress;
  }
  for (const message of batch.messages) {
    ledger.onRecord(consumedRecord(ledger.topic, partition, message));
    resolveOffset(message.offset);
  }
  if (BigInt(batch.lastOffset()) + 1n < progress.target) return progress;
  consumer.pause([{ topic: ledger.topic, partitions: [partition] }]);
  consumer.resume([{ topic, partitions: [partition] }]);
  return { kind: 'read' };
}
