import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventRecord } from './map-inbound-events.ts';

/** A row to be: the record's texts, and what they count for in bytes. */
export type SpoolRow = { topic: string; key: string; headers: string; value: string; bytes: number };

/** A record on its way out of the spool; `number` tells the order in which they came. */
export type SpooledRecord = EventRecord & { number: number; bytes: number };

export type SpoolDatabase = {
  /** When it returns, the rows survive kill -9 and a power cut. All of them or none. */
  insert(rows: SpoolRow[], at: Date): void;
  /** The first rows in the order of their coming, at least one if there is any. */
  oldest(atMost: { records: number; bytes: number }): SpooledRecord[];
  oldestAt(): Date | undefined;
  /** Deletes everything up to and with this number, and tells of when the first is that is left. */
  removeUpTo(number: number): Date | undefined;
  /** Copies a row to where nothing takes it away. */
  setAside(number: number, reason: string): void;
  totals(): { records: number; bytes: number };
  countSetAside(): number;
  /** Throws when nothing can be written now. */
  tryWriting(): void;
  close(): void;
};

/** The spool can't be used; the message says where it is and what to do. */
export class SpoolError extends Error {
  override name = 'SpoolError';
  exitCode = 78;
}

const formatVersion = 1;
/** SQLITE_BUSY; what is above the lowest byte tells where it was met. */
const lockedCode = 5;

// The lock is exclusive before the journal is a WAL, so that there is no shared memory and no second process. FULL syncs
// the WAL at every commit. The larger page wastes less on records of one or two kilobytes.
const settings = `
  PRAGMA page_size = 16384;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 67108864;`;

const tables = `
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, spooled_at_ms INTEGER NOT NULL, bytes INTEGER NOT NULL,
    topic TEXT NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL, value TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS set_aside (
    spooled_at_ms INTEGER NOT NULL, reason TEXT NOT NULL,
    topic TEXT NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL, value TEXT NOT NULL
  ) STRICT;
  PRAGMA user_version = ${formatVersion};
  COMMIT;`;

/**
 * The spool's file, in `folder`, which is made if it is not there. One process at a time has it.
 * @throws {SpoolError} when another process has it, or it can't be opened
 */
export function openSpoolDatabase(folder: string): SpoolDatabase {
  const file = join(folder, 'spool.db');
  let database: DatabaseSync | undefined;
  try {
    // What is in it is nobody else's business.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(file);
    prepare(database);
    return operations(database);
  } catch (error) {
    database?.close();
    const locked = ((error as { errcode?: number }).errcode ?? 0) % 256 === lockedCode;
    const why = locked
      ? 'is in use by another process: each ingress needs a folder of its own'
      : `can't be used: ${error instanceof Error ? error.message : String(error)}`;
    throw new SpoolError(`INGRESS_SPOOL_DIR: the spool ${file} ${why}`, { cause: error });
  }
}

function prepare(database: DatabaseSync): void {
  database.exec(settings);
  const { journal_mode: journal } = database.prepare('PRAGMA journal_mode').get() ?? {};
  if (journal !== 'wal') throw new Error(`no write-ahead log is possible there, but only ${String(journal)}`);
  const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {};
  if (Number(version) > formatVersion) throw new Error(`it is of a newer version of the bridge, ${String(version)}`);
  database.exec(tables);
}

function operations(database: DatabaseSync): SpoolDatabase {
  const insert = database.prepare(
    'INSERT INTO records (spooled_at_ms, bytes, topic, key, headers, value) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const oldest = database.prepare(
    'SELECT number, bytes, topic, key, headers, value FROM records ORDER BY number LIMIT ?',
  );
  const oldestAt = database.prepare('SELECT spooled_at_ms AS at FROM records ORDER BY number LIMIT 1');
  const remove = database.prepare('DELETE FROM records WHERE number <= ?');
  const setAside = database.prepare(
    `INSERT INTO set_aside (spooled_at_ms, reason, topic, key, headers, value)
     SELECT spooled_at_ms, ?, topic, key, headers, value FROM records WHERE number = ?`,
  );
  const totals = database.prepare('SELECT count(*) AS records, coalesce(sum(bytes), 0) AS bytes FROM records');
  const countSetAside = database.prepare('SELECT count(*) AS records FROM set_aside');

  function insertAll(rows: SpoolRow[], at: Date): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const row of rows) {
        insert.run(at.getTime(), row.bytes, row.topic, row.key, row.headers, row.value);
      }
      database.exec('COMMIT');
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  }

  function readOldest(atMost: { records: number; bytes: number }): SpooledRecord[] {
    const found: SpooledRecord[] = [];
    let bytes = 0;
    for (const row of oldest.iterate(atMost.records) as Iterable<SpoolRow & { number: number }>) {
      bytes += row.bytes;
      if (found.length > 0 && bytes > atMost.bytes) break;
      found.push({ ...row, headers: JSON.parse(row.headers) as Record<string, string> });
    }
    return found;
  }

  function readOldestAt(): Date | undefined {
    const row = oldestAt.get() as { at: number } | undefined;
    return row && new Date(row.at);
  }

  function removeUpTo(number: number): Date | undefined {
    remove.run(number);
    return readOldestAt();
  }

  return {
    insert: insertAll,
    oldest: readOldest,
    oldestAt: readOldestAt,
    removeUpTo,
    setAside: (number, reason) => void setAside.run(reason, number),
    totals: () => totals.get() as { records: number; bytes: number },
    countSetAside: () => (countSetAside.get() as { records: number }).records,
    tryWriting: () => database.exec(`PRAGMA user_version = ${formatVersion}`),
    close: () => database.close(),
  };
}
