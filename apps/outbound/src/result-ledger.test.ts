import type { ConsumedRecord } from '@bridge/kafka';
import { expect, test } from 'vitest';
import { createResultLedger } from './result-ledger.ts';

const command = (offset: string, changes: Partial<ConsumedRecord> = {}) =>
  ({ partition: 3, offset, key: 'acme/501', headers: {}, ...changes }) as ConsumedRecord;
const result = (offset: string, id: string, replays = '0') => ({
  partition: 3,
  key: 'acme/501',
  headers: { 'x-command-offset': offset, 'x-command-replays': replays, ce_subject: id },
});

function openLedger(options?: Parameters<typeof createResultLedger>[0]) {
  const ledger = createResultLedger(options);
  ledger.open(3, 0n);
  ledger.open(4, 0n);
  return ledger;
}

test('a record that has its result is settled; the same id at another offset of the conversation is a duplicate', () => {
  const ledger = openLedger();
  ledger.learn(result('10', 'cmd-1'));
  expect(ledger.judge(command('10'), { id: 'cmd-1' })).toBe('settled');
  expect(ledger.judge(command('11'), { id: 'cmd-1' })).toBe('duplicate');
  expect(ledger.judge(command('11'), { id: 'cmd-2' })).toBe('new');
  expect(ledger.judge(command('11', { key: 'acme/502' }), { id: 'cmd-1' })).toBe('new');
  expect(ledger.judge(command('10', { partition: 4 }), { id: 'cmd-1' })).toBe('new');
});

test('an id is a duplicate as soon as its result is stored', () => {
  const ledger = openLedger();
  ledger.remember(command('10'), 'cmd-1');
  expect(ledger.judge(command('11'), { id: 'cmd-1' })).toBe('duplicate');
  expect(ledger.judge(command('11'), { id: 'cmd-2' })).toBe('new');
});

test('a replay is a command of its own, and the same replay twice is a duplicate', () => {
  const ledger = openLedger();
  ledger.learn(result('10', 'cmd-1'));
  const replay = command('20', { headers: { 'x-dead-letter-replays': '1' } });
  expect(ledger.judge(replay, { id: 'cmd-1' })).toBe('new');
  ledger.learn(result('20', 'cmd-1', '1'));
  expect(ledger.judge({ ...replay, offset: '21' }, { id: 'cmd-1' })).toBe('duplicate');
});

test('a partition that is opened anew knows nothing, the others all', () => {
  const ledger = openLedger();
  ledger.learn(result('10', 'cmd-1'));
  ledger.learn({ ...result('10', 'cmd-1'), partition: 4 });
  ledger.open(3, 0n);
  expect(ledger.judge(command('10'), { id: 'cmd-1' })).toBe('new');
  expect(ledger.judge(command('10', { partition: 4 }), { id: 'cmd-1' })).toBe('settled');
});

test('of the ids it remembers the newest, of the records that may come again all that are settled', () => {
  const ledger = createResultLedger({ maxIds: 100 });
  ledger.open(3, 1_000n);
  // The record at 1,000 hangs: what was settled since then is read back, in any order.
  for (let offset = 300_000; offset > 990; offset -= 1) ledger.learn(result(String(offset), `cmd-${offset}`));
  for (const offset of [1_001, 150_000, 299_999]) {
    expect(ledger.judge(command(String(offset)), { id: `cmd-${offset}` })).toBe('settled');
  }
  expect(ledger.judge(command('300001'), { id: 'cmd-1090' })).toBe('duplicate');
  expect(ledger.judge(command('300001'), { id: 'cmd-1091' })).toBe('new');
});
