import type { ConsumedRecord } from '@bridge/kafka';
import type { CommandIdentity } from './read-send-command.ts';

/** How a command record relates to the results there are: `settled` has its own, `duplicate` repeats an id that has one. */
export type LedgerVerdict = 'new' | 'settled' | 'duplicate';

type PartitionLedger = { offsets: Set<string>; commands: Set<string> };

/** Of each partition; the oldest are forgotten first. */
const maxRemembered = 100_000;

/** Within this time a repeated command id is a duplicate; so far back the results are read. */
export const duplicateWindowMs = 24 * 60 * 60_000;

/**
 * What the results tell of earlier commands. They are written to the partition of their command, so that whoever owns
 * the partition of the commands can read there what was settled before.
 */
export function createResultLedger() {
  const partitions = new Map<number, PartitionLedger>();

  function of(partition: number): PartitionLedger {
    const ledger = partitions.get(partition) ?? { offsets: new Set(), commands: new Set() };
    partitions.set(partition, ledger);
    return ledger;
  }

  /** Takes a record of send-results into account, read back or just written. */
  function learn(result: Pick<ConsumedRecord, 'partition' | 'key' | 'headers'>): void {
    const { offsets, commands } = of(result.partition);
    const { 'x-command-offset': offset, 'x-command-replays': replays = '0', ce_subject: id } = result.headers;
    if (offset !== undefined) remember(offsets, offset);
    if (id !== undefined) remember(commands, identityOf(result.key, id, replays));
  }

  function judge(record: ConsumedRecord, command: CommandIdentity): LedgerVerdict {
    const { offsets, commands } = of(record.partition);
    if (offsets.has(record.offset)) return 'settled';
    // Without a key nothing tells one conversation's ids from another's.
    if (command.id === undefined || record.key === null) return 'new';
    const replays = record.headers['x-dead-letter-replays'] ?? '0';
    return commands.has(identityOf(record.key, command.id, replays)) ? 'duplicate' : 'new';
  }

  return { learn, judge, forget: (partition: number) => void partitions.delete(partition) };
}

export type ResultLedger = ReturnType<typeof createResultLedger>;

/** A command id is unique in its conversation, which is the key; a replay is a command of its own. */
const identityOf = (key: string | null, id: string, replays: string) => JSON.stringify([key, id, replays]);

function remember(set: Set<string>, value: string): void {
  set.add(value);
  if (set.size <= maxRemembered) return;
  for (const oldest of set) {
    set.delete(oldest);
    return;
  }
}
