import type { SpoolDatabase, SpooledRecord } from '../spool-database.ts';

/** A spool's file without a disk, which outlives whoever uses it. */
export function memoryDatabase(): SpoolDatabase & { aside: SpooledRecord[] } {
  let records: SpooledRecord[] = [];
  let last = 0;
  const aside: SpooledRecord[] = [];
  const at = () => (records.length > 0 ? new Date() : undefined);
  return {
    aside,
    insert(rows) {
      for (const row of rows) records.push({ ...row, headers: JSON.parse(row.headers), number: (last += 1) });
    },
    oldest(atMost) {
      let bytes = 0;
      const end = records.findIndex((one, index) => (bytes += one.bytes) > atMost.bytes && index > 0);
      return records.slice(0, Math.min(atMost.records, end < 0 ? records.length : end));
    },
    oldestAt: at,
    removeUpTo(number) {
      records = records.filter((one) => one.number > number);
      return at();
    },
    setAside: (number) => void aside.push(...records.filter((one) => one.number === number)),
    totals: () => ({ records: records.length, bytes: records.reduce((sum, { bytes }) => sum + bytes, 0) }),
    countSetAside: () => aside.length,
    tryWriting() {},
    close() {},
  };
}
