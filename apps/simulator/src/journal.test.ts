import { expect, test } from 'vitest';
import { createJournal, type NewEntry } from './journal.ts';

const entry = (change: Partial<NewEntry> = {}): NewEntry => ({
  kind: 'received',
  workspace: '1',
  conversation: null,
  method: 'POST',
  url: '/',
  headers: {},
  body: 'x',
  status: 200,
  outcome: 'accepted',
  ...change,
});
const all = { since: 0, limit: 1_000 };

test('numbers what it gets and hands it out oldest first', () => {
  const journal = createJournal({ now: () => new Date('2026-11-23T12:00:00Z') });
  journal.add(entry({ body: 'a' }));
  journal.add(entry({ body: 'b' }));
  expect(journal.read(all)).toMatchObject({
    entries: [
      { sequence: 1, body: 'a', at: '2026-11-23T12:00:00.000Z' },
      { sequence: 2, body: 'b' },
    ],
    next: 2,
  });
});

test('reads on from where a page ended, also when nothing of it matched', () => {
  const journal = createJournal();
  for (const body of ['a', 'b', 'c']) journal.add(entry({ body }));
  const page = journal.read({ ...all, limit: 2 });
  expect(page.entries.map(({ body }) => body)).toEqual(['a', 'b']);
  expect(journal.read({ ...all, since: page.next }).entries.map(({ body }) => body)).toEqual(['c']);
  expect(journal.read({ ...all, kind: 'sent' })).toEqual({ entries: [], next: 3 });
  expect(journal.read({ ...all, since: 99 }).entries).toEqual([]);
});

test.each([
  ['kind', { kind: 'sent' }, ['b']],
  ['workspace', { workspace: '2' }, ['c']],
  ['conversation', { conversation: '501' }, ['d']],
] as const)('filters by %s', (_what, query, expected) => {
  const journal = createJournal();
  journal.add(entry({ body: 'a' }));
  journal.add(entry({ body: 'b', kind: 'sent' }));
  journal.add(entry({ body: 'c', workspace: '2' }));
  journal.add(entry({ body: 'd', conversation: '501' }));
  expect(journal.read({ ...all, ...query }).entries.map(({ body }) => body)).toEqual(expected);
});

test('keeps the last entries only, and their numbers', () => {
  const journal = createJournal({ maxEntries: 3 });
  for (let count = 1; count <= 50; count += 1) {
    journal.add(entry({ body: String(count) }));
    const kept = journal.read(all).entries.map(({ sequence }) => sequence);
    expect(kept).toEqual([count - 2, count - 1, count].filter((sequence) => sequence > 0));
  }
  expect(journal.read({ ...all, since: 48 }).entries.map(({ body }) => body)).toEqual(['49', '50']);
});

test('keeps no more bytes of bodies than it may, but always the newest', () => {
  const journal = createJournal({ maxBytes: 100 });
  for (const letter of ['a', 'b', 'c']) journal.add(entry({ body: letter.repeat(40) }));
  expect(journal.read(all).entries.map(({ sequence }) => sequence)).toEqual([2, 3]);
  journal.add(entry({ body: 'd'.repeat(1_000) }));
  expect(journal.read(all).entries.map(({ sequence }) => sequence)).toEqual([4]);
});

test('keeps a body that is no UTF-8 as base64', () => {
  const journal = createJournal();
  journal.add(entry({ body: Buffer.from('é') }));
  journal.add(entry({ body: Buffer.from([0xff, 0x00]) }));
  expect(journal.read(all).entries).toMatchObject([{ body: 'é' }, { body: '', bodyBase64: '/wA=' }]);
});

test('goes on counting after it was cleared', () => {
  const journal = createJournal();
  journal.add(entry());
  journal.clear();
  expect(journal.read(all)).toEqual({ entries: [], next: 1 });
  expect(journal.add(entry()).sequence).toBe(2);
  expect(journal.read({ ...all, since: 1 }).entries).toHaveLength(1);
});
