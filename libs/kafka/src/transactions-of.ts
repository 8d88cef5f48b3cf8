import type { ConsumedRecord } from './records.ts';

/** Of one partition's input in one transaction, in which there is room for several partitions. */
const maxTransactionBytes = 1 << 20;

/** Cuts records of a partition into what was committed before `next` and transactions of bounded size, in order. */
export function transactionsOf(
  records: ConsumedRecord[],
  next: bigint,
): { recalled: boolean; records: ConsumedRecord[] }[] {
  const groups: { recalled: boolean; records: ConsumedRecord[]; bytes: number }[] = [];
  for (const record of records) {
    const recalled = BigInt(record.offset) < next;
    const current = groups.at(-1);
    if (current?.recalled === recalled && current.bytes + record.sizeBytes <= maxTransactionBytes) {
      current.records.push(record);
      current.bytes += record.sizeBytes;
    } else {
      groups.push({ recalled, records: [record], bytes: record.sizeBytes });
    }
  }
  return groups;
}
