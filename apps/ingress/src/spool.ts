import { PublishError } from '@bridge/kafka';
import type { Log, Part } from '@bridge/service';
import { createGroupCommit } from './group-commit.ts';
import type { EventRecord } from './map-inbound-events.ts';
import { openSpoolDatabase } from './spool-database.ts';
import type { SpoolDatabase, SpooledRecord, SpoolRow } from './spool-database.ts';
import { watchDatabase } from './watched-database.ts';

/** Where records wait while no broker takes them: in their order, on disk, within bounds. */
export type Spool = Part & {
  /**
   * Resolves when the disk has all `records`, behind everything that was appended before. Rejects with a `PublishError`:
   * `overloaded` when they find no room, `unavailable` when the disk does not take them. Then none of them is kept.
   */
  append(records: EventRecord[]): Promise<void>;
  /** True when nothing is in it, and nothing on its way in. */
  isEmpty(): boolean;
  size(): SpoolSize;
  /** The first records, at least one if there is any. */
  oldest: SpoolDatabase['oldest'];
  /** Deletes the first records, as `oldest` gave them. */
  remove(records: SpooledRecord[]): void;
  /** Keeps a copy of a record where nothing takes it away. */
  setAside(record: SpooledRecord, reason: string): void;
  /** True from a write that the disk did not take to one that it does. */
  cannotWrite(): boolean;
  /** Throws when it still can't. */
  tryWriting(): void;
};

/** `setAside` counts records that are no longer part of the others. */
export type SpoolSize = { records: number; bytes: number; oldestAt: Date | undefined; setAside: number };

export type SpoolOptions = { folder: string; maxBytes: number; log: Pick<Log, 'info' | 'warn' | 'error'> };

/**
 * Opens the spool of `folder`, with what an earlier process left in it.
 * @throws {SpoolError} when another process has it, or it can't be opened
 */
export function openSpool(options: SpoolOptions): Spool {
  return createSpool(openSpoolDatabase(options.folder), options);
}

export function createSpool(unwatched: SpoolDatabase, { folder, maxBytes, log }: SpoolOptions): Spool {
  const database = watchDatabase(unwatched, log);
  const commits = createGroupCommit(insert);
  const { bytes, records } = database.totals();
  const room = createRoom(maxBytes, bytes);
  const held = { records, oldestAt: database.oldestAt(), setAside: database.countSetAside() };
  const size = (): SpoolSize => ({ ...held, bytes: room.taken() });
  let closed = false;
  if (held.records > 0) log.warn({ folder, ...size() }, 'the spool holds what was not published before');
  if (held.setAside > 0) log.error({ folder, ...size() }, 'the spool holds records that were set aside');

  function insert(rows: SpoolRow[]): void {
    const now = new Date();
    try {
      database.insert(rows, now);
    } catch (error) {
      room.free(bytesOf(rows));
      throw new PublishError('unavailable', `the spool failed: ${database.trouble()}`, error);
    }
    held.oldestAt ??= now;
    held.records += rows.length;
  }

  async function append(appended: EventRecord[]): Promise<void> {
    if (closed) throw new PublishError('unavailable', 'the spool is closed');
    const rows = appended.map(rowOf);
    const wasFull = room.isFull();
    if (room.take(bytesOf(rows))) return commits.add(rows);
    if (!wasFull) log.error({ folder, maxBytes, ...size() }, 'the spool is full');
    throw new PublishError('overloaded', fullness());
  }

  function remove(removed: SpooledRecord[]): void {
    const last = removed.at(-1);
    if (!last) return;
    held.oldestAt = database.removeUpTo(last.number);
    held.records -= removed.length;
    room.free(bytesOf(removed));
  }

  function setAside(record: SpooledRecord, reason: string): void {
    database.setAside(record.number, reason);
    held.setAside += 1;
  }

  async function stop(): Promise<void> {
    closed = true;
    commits.flush();
    if (held.records > 0) log.warn({ folder, ...size() }, 'the spool keeps what is not published yet');
    database.close();
  }

  const fullness = () => `the spool is full: ${room.taken()} of ${maxBytes} bytes`;
  const troubled = () => database.trouble() && `the spool failed: ${database.trouble()}`;
  const ready = () => troubled() || (room.isFull() ? fullness() : true);
  const isEmpty = () => held.records === 0 && !commits.isWaiting();
  const { oldest, cannotWrite, tryWriting } = database;
  return { name: 'spool', append, isEmpty, size, oldest, remove, setAside, cannotWrite, tryWriting, ready, stop };
}

/** Bytes of which so many may be taken. Full from the first refusal until a tenth is free again. */
function createRoom(maxBytes: number, takenBefore: number) {
  let taken = takenBefore;
  let full = false;
  return {
    taken: () => taken,
    isFull: () => full,
    take(bytes: number): boolean {
      if (taken + bytes > maxBytes) {
        full = true;
        return false;
      }
      taken += bytes;
      return true;
    },
    free(bytes: number): void {
      taken -= bytes;
      if (taken <= maxBytes * 0.9) full = false;
    },
  };
}

function rowOf({ topic, key, value, headers }: EventRecord): SpoolRow {
  const row = { topic, key, headers: JSON.stringify(headers), value };
  return { ...row, bytes: Object.values(row).reduce((sum, text) => sum + Buffer.byteLength(text), 0) };
}

function bytesOf(rows: { bytes: number }[]): number {
  return rows.reduce((sum, row) => sum + row.bytes, 0);
}
