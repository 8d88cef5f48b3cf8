import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '@bridge/telemetry';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSpool, openSpool } from './spool.ts';
import type { SpoolOptions } from './spool.ts';
import { openSpoolDatabase, SpoolError } from './spool-database.ts';
import { eventRecord, idOf, temporaryFolder } from './testing/spooled-records.ts';

const all = { records: 1_000_000, bytes: 1 << 30 };
const deadline = new Date();

/** Closed at the end of the test, unless the test did it. */
function open(options: Partial<SpoolOptions> = {}) {
  const spool = openSpool({ folder: temporaryFolder(), maxBytes: 1 << 30, log: silentLogger, ...options });
  let closed = false;
  const stop = async () => {
    if (!closed) await spool.stop?.({ deadline });
    closed = true;
  };
  onTestFinished(stop);
  return { ...spool, stop };
}

const idsIn = (spool: Pick<ReturnType<typeof open>, 'oldest'>) => spool.oldest(all).map(idOf);

describe('what is appended', () => {
  test('comes out as it went in', async () => {
    const spool = open();
    const record = {
      topic: 'nicochat.inbound-events.v1',
      key: 'acme/caf%C3%A9',
      value: '{"raw":{"id":9007199254740993},"text":"Olá ç/ 🚀 \\u0000"}',
      headers: { ce_id: 'a', traceparent: '00-1-2-00', 'content-type': 'application/json' },
    };
    await spool.append([record]);
    const [{ number: _number, bytes, ...found } = { bytes: 0 }] = spool.oldest(all);
    expect(found).toEqual(record);
    expect(bytes).toBeGreaterThan(Buffer.byteLength(record.value));
    expect(spool.size()).toMatchObject({ records: 1, bytes });
  });

  test('keeps the order of the calls, also of those that share a commit, and of the records of one', async () => {
    const spool = open();
    await spool.append([eventRecord('1'), eventRecord('2')]);
    await Promise.all([spool.append([eventRecord('3')]), spool.append([eventRecord('4'), eventRecord('5')])]);
    await spool.append([eventRecord('6')]);
    expect(idsIn(spool)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('is in it from the call on, and on disk once the call is acknowledged', async () => {
    const folder = temporaryFolder();
    const spool = open({ folder });
    expect(spool.isEmpty()).toBe(true);
    const appended = spool.append([eventRecord('1')]);
    expect(spool.isEmpty()).toBe(false);
    expect(idsIn(spool)).toEqual([]);
    await appended;
    expect(idsIn(spool)).toEqual(['1']);
  });

  test('is there after an orderly stop, and new records come behind it', async () => {
    const folder = temporaryFolder();
    const first = open({ folder });
    const late = first.append([eventRecord('1')]);
    await first.stop();
    await late;
    await expect(first.append([eventRecord('never')])).rejects.toMatchObject({ kind: 'unavailable' });
    const second = open({ folder });
    expect(second.size()).toMatchObject({ records: 1, oldestAt: expect.any(Date) });
    await second.append([eventRecord('2')]);
    expect(idsIn(second)).toEqual(['1', '2']);
  });

  test('is there after kill -9, every record that was acknowledged, in the order of the acknowledgements', async () => {
    const folder = temporaryFolder();
    const acknowledged: string[] = [];
    // Each process goes on where the one before it was killed.
    for (const enough of [200, 500, 1_000])
      acknowledged.push(...(await appendUntilKilled(folder, acknowledged.length, enough)));
    const spool = open({ folder });
    const kept = idsIn(spool);
    expect(acknowledged.length).toBeGreaterThanOrEqual(1_700);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    const position = new Map(kept.map((id, index) => [id, index]));
    const positions = acknowledged.map((id) => position.get(id) ?? -1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(spool.size().records).toBe(kept.length);
  });
});

/** What a process that appends without an end said was acknowledged, until it was killed in the middle of it. */
async function appendUntilKilled(folder: string, first: number, enough: number): Promise<string[]> {
  const script = fileURLToPath(new URL('./testing/append-for-ever.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  const lines = createInterface(child.stdout).on('line', (line) => {
    said.push(line);
    if (said.length === enough) child.kill('SIGKILL');
  });
  await once(lines, 'close');
  return said;
}

describe('what is removed', () => {
  test('is the first of it, and the rest stays, also over a restart', async () => {
    const folder = temporaryFolder();
    const first = open({ folder });
    await first.append(['1', '2', '3', '4'].map((id) => eventRecord(id)));
    first.remove(first.oldest({ records: 2, bytes: 1_000_000 }));
    expect(idsIn(first)).toEqual(['3', '4']);
    const { bytes } = first.size();
    await first.stop();
    const second = open({ folder });
    expect(second.size()).toMatchObject({ records: 2, bytes });
    second.remove(second.oldest(all));
    expect(second.size()).toEqual({ records: 0, bytes: 0, oldestAt: undefined, setAside: 0 });
    expect(second.isEmpty()).toBe(true);
    await second.append([eventRecord('5')]);
    expect(idsIn(second)).toEqual(['5']);
  });

  test('may be nothing', async () => {
    const spool = open();
    await spool.append([eventRecord('1')]);
    spool.remove([]);
    expect(idsIn(spool)).toEqual(['1']);
  });
});

test('a batch is bounded by records and by bytes, and holds one record at least', async () => {
  const spool = open();
  await spool.append(['1', '2', '3'].map((id) => eventRecord(id, { text: 'x'.repeat(1_000) })));
  const idsOf = (records: number, bytes: number) => spool.oldest({ records, bytes }).map(idOf);
  expect(idsOf(2, 1_000_000)).toEqual(['1', '2']);
  expect(idsOf(100, 2_500)).toEqual(['1', '2']);
  expect(idsOf(100, 10)).toEqual(['1']);
});

describe('a record that is set aside', () => {
  test('is no longer in the way, and kept with the reason', async () => {
    const folder = temporaryFolder();
    const spool = open({ folder });
    await spool.append([eventRecord('1'), eventRecord('2')]);
    const [large, ...rest] = spool.oldest(all);
    if (!large) throw new Error('nothing was kept');
    spool.setAside(large, 'too large');
    spool.remove([large]);
    expect(idsIn(spool)).toEqual(rest.map(idOf));
    expect(spool.size()).toMatchObject({ records: 1, setAside: 1 });
    await spool.stop();
    const file = new DatabaseSync(join(folder, 'spool.db'));
    const { reason, value, key } = file.prepare('SELECT * FROM set_aside').get() ?? {};
    file.close();
    expect({ reason, value, key }).toEqual({ reason: 'too large', value: large.value, key: large.key });
    expect(open({ folder }).size()).toMatchObject({ records: 1, setAside: 1 });
  });
});

describe('when it is full', () => {
  const text = 'x'.repeat(1_000);
  const records = Array.from({ length: 12 }, (_, index) => eventRecord(String(index), { text }));

  test('it refuses, whole, what finds no room, takes what does, and is not ready until there is room again', async () => {
    const spool = open({ maxBytes: 11_500 });
    const results = await Promise.allSettled(records.map((record) => spool.append([record])));
    const refused = results.findIndex(({ status }) => status === 'rejected');
    expect(refused).toBeGreaterThan(5);
    expect((results[refused] as PromiseRejectedResult).reason).toMatchObject({
      name: 'PublishError',
      kind: 'overloaded',
    });
    expect(idsIn(spool)).toEqual(records.slice(0, refused).map(idOf));
    expect(spool.ready?.()).toMatch(/full/);
    spool.remove(spool.oldest({ records: 3, bytes: 1 << 20 }));
    expect(spool.ready?.()).toBe(true);
    await expect(spool.append(records.slice(0, 5))).rejects.toMatchObject({ kind: 'overloaded' });
    await spool.append(records.slice(0, 1));
    expect(idsIn(spool)).toHaveLength(refused - 2);
  });

  test('what is left of an earlier process counts', async () => {
    const folder = temporaryFolder();
    const first = open({ folder });
    await first.append(records.slice(0, 5));
    await first.stop();
    const second = open({ folder, maxBytes: 5_000 });
    await expect(second.append(records.slice(0, 1))).rejects.toMatchObject({ kind: 'overloaded' });
  });
});

describe('a disk that fails', () => {
  /** A spool whose disk takes nothing, or gives nothing, while the test says so. */
  function openOnBadDisk() {
    const disk = { writes: true, reads: true };
    const lines: string[] = [];
    const write = (_fields: object, message: string) => void lines.push(message);
    const folder = temporaryFolder();
    const database = openSpoolDatabase(folder);
    const failing =
      <A extends unknown[], R>(kind: keyof typeof disk, work: (...args: A) => R) =>
      (...args: A) => {
        if (!disk[kind]) throw new Error('disk I/O error');
        return work(...args);
      };
    const spool = createSpool(
      {
        ...database,
        insert: failing('writes', database.insert),
        removeUpTo: failing('writes', database.removeUpTo),
        tryWriting: failing('writes', database.tryWriting),
        oldest: failing('reads', database.oldest),
      },
      { folder, maxBytes: 1 << 30, log: { info: write, warn: write, error: write } },
    );
    onTestFinished(() => spool.stop?.({ deadline }));
    return { disk, lines, spool };
  }

  test('refuses what was to be kept, all of it, and the spool is not ready until it takes something again', async () => {
    const { disk, lines, spool } = openOnBadDisk();
    await spool.append([eventRecord('1')]);
    const size = spool.size();
    disk.writes = false;
    const results = await Promise.allSettled(['2', '3'].map((id) => spool.append([eventRecord(id)])));
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'PublishError', kind: 'unavailable' } });
    }
    expect(() => spool.remove(spool.oldest(all))).toThrow('disk I/O error');
    expect(() => spool.tryWriting()).toThrow('disk I/O error');
    expect(spool.size()).toEqual(size);
    expect(spool.cannotWrite()).toBe(true);
    expect(spool.ready?.()).toBe('the spool failed: disk I/O error');
    disk.writes = true;
    expect(idsIn(spool)).toEqual(['1']);
    expect(spool.cannotWrite()).toBe(true);
    spool.tryWriting();
    expect(spool.ready?.()).toBe(true);
    await spool.append([eventRecord('4')]);
    expect(spool.size().records).toBe(2);
    expect(idsIn(spool)).toEqual(['1', '4']);
    expect(lines).toEqual(["the spool can't be written", 'the spool can be written again']);
  });

  test('and can only be written is not ready either', async () => {
    const { disk, spool } = openOnBadDisk();
    disk.reads = false;
    expect(() => spool.oldest(all)).toThrow('disk I/O error');
    await spool.append([eventRecord('1')]);
    expect(spool.cannotWrite()).toBe(false);
    expect(spool.ready?.()).toBe('the spool failed: disk I/O error');
    disk.reads = true;
    expect(idsIn(spool)).toEqual(['1']);
    expect(spool.ready?.()).toBe(true);
  });
});

describe('a folder', () => {
  test('is made when it is not there, for its owner only', () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    open({ folder });
    expect(existsSync(join(folder, 'spool.db'))).toBe(true);
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  test('has one spool at a time', async () => {
    const folder = temporaryFolder();
    const first = open({ folder });
    expect(() => open({ folder })).toThrow(SpoolError);
    expect(() => open({ folder })).toThrow(/spool\.db is in use by another process/);
    await first.append([eventRecord('1')]);
    await first.stop();
    expect(idsIn(open({ folder }))).toEqual(['1']);
  });

  test.each<[string, (folder: string) => void, RegExp]>([
    ['that is a file', (folder) => writeFileSync(folder, ''), /EEXIST|ENOTDIR/],
    ['with a damaged file', (folder) => spoil(folder, Buffer.alloc(20_000, 'no database')), /not a database/],
    ['with the file of a newer version', (folder) => newer(folder), /newer version/],
  ])('%s ends the process with 78 and says where it is', (_name, make, why) => {
    const folder = join(temporaryFolder(), 'spool');
    make(folder);
    expect(() => open({ folder })).toThrow(
      expect.objectContaining({ exitCode: 78, message: expect.stringMatching(why) }),
    );
    expect(() => open({ folder })).toThrow(folder);
  });
});

function spoil(folder: string, content: Buffer): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'spool.db'), content);
}

function newer(folder: string): void {
  mkdirSync(folder);
  const database = new DatabaseSync(join(folder, 'spool.db'));
  database.exec('PRAGMA user_version = 2');
  database.close();
}
