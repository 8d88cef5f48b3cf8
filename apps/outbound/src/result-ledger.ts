import { hash } from 'node:crypto';
import type { ConsumedRecord } from '@bridge/kafka';
import { OffsetSet } from './offset-set.ts';
import type { CommandIdentity } from './read-send-command.ts';

/** How a command record relates to the results there are: `settled` has its own, `duplicate` repeats an id that has one. */
export type LedgerVerdict = 'new' | 'settled' | 'duplicate';

type PartitionLedger = {
  /** Of the records that may be handled again those that have a result: all of them, however many. */
  settled: OffsetSet;
  next: number;
  /** The newest ids; the oldest are forgotten first. */
  ids: Set<string>;
};

/** Within this time a repeated command id is a duplicate; so far back the results are read. */
export const duplicateWindowMs = 24 * 60 * 60_000;

/**
 * What the results tell of earlier commands. They are written to the partition of their command, so that whoever owns
 * the partition of the commands can read there what was settled before.
 */
export function createResultLedger({ maxIds = 100_000 }: { maxIds?: number } = {}) {
  const partitions = new Map<number, PartitionLedger>();
  /** Of a record that is being handled: it is asked about before, and remembered afterwards. */
  const digests = new WeakMap<ConsumedRecord, string>();

  function digestFor(record: ConsumedRecord, id: string): string {
    const digest = digests.get(record) ?? digestOf(record.key, id, replaysOf(record));
    digests.set(record, digest);
    return digest;
  }

  /** Begins anew with a partition; records before `next` will not be handled again. */
  function open(partition: number, next: bigint): void {
    partitions.set(partition, { settled: new OffsetSet(), next: Number(next), ids: new Set() });
  }

  /** Takes a record of send-results into account that was read back. */
  function learn({ partition, key, headers }: Pick<ConsumedRecord, 'partition' | 'key' | 'headers'>): void {
    const ledger = partitions.get(partition);
    const { 'x-command-offset': offset = '', 'x-command-replays': replays = '0', ce_subject: id } = headers;
    if (ledger && /^\d+$/.test(offset) && Number(offset) >= ledger.next) ledger.settled.add(Number(offset));
    if (id !== undefined) rememberId(partition, digestOf(key, id, replays));
  }

  /** A result of this command was just stored. Its offset will not come again before the partition is opened anew. */
  function remember(record: ConsumedRecord, id: string): void {
    rememberId(record.partition, digestFor(record, id));
  }

  function rememberId(partition: number, digest: string): void {
    const ids = partitions.get(partition)?.ids;
    if (ids === undefined) return;
    ids.add(digest);
    if (ids.size <= maxIds) return;
    for (const oldest of ids) {
      ids.delete(oldest);
      return;
    }
  }

  function judge(record: ConsumedRecord, { id }: CommandIdentity): LedgerVerdict {
    const ledger = partitions.get(record.partition);
    if (ledger?.settled.has(Number(record.offset))) return 'settled';
    if (id === undefined) return 'new';
    return ledger?.ids.has(digestFor(record, id)) ? 'duplicate' : 'new';
  }

  return { open, learn, remember, judge };
}

export type ResultLedger = ReturnType<typeof createResultLedger>;

const replaysOf = ({ headers }: ConsumedRecord) => headers['x-dead-letter-replays'] ?? '0';

/**
 * A command id is unique in its conversation, which is the key; a replay is a command of its own. Sixteen characters of a
 * byte each, however long the id is.
 */
const digestOf = (key: string | null, id: string, replays: string) =>
  hash('sha256', JSON.stringify([key, id, replays]), 'buffer').toString('latin1', 0, 16);
