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

test('a record that has its result is settled; the same id at another offset of the conversation is a duplicate', () => {
  const ledger = createResultLedger();
  ledger.learn(result('10', 'cmd-1'));
  expect(ledger.judge(command('10'), { id: 'cmd-1' })).toBe('settled');
  expect(ledger.judge(command('11'), { id: 'cmd-1' })).toBe('duplicate');
  expect(ledger.judge(command('11'), { id: 'cmd-2' })).toBe('new');
  expect(ledger.judge(command('11', { key: 'acme/502' }), { id: 'cmd-1' })).toBe('new');
  expect(ledger.judge(command('10', { partition: 4 }), { id: 'cmd-1' })).toBe('new');
});

test('a replay is a command of its own, and the same replay twice is a duplicate', () => {
  const ledger = createResultLedger();
  ledger.learn(result('10', 'cmd-1'));
  const replay = command('20', { headers: { 'x-dead-letter-replays': '1' } });
  expect(ledger.judge(replay, { id: 'cmd-1' })).toBe('new');
  ledger.learn(result('20', 'cmd-1', '1'));
  expect(ledger.judge({ ...replay, offset: '21' }, { id: 'cmd-1' })).toBe('duplicate');
});

test('a partition that is forgotten knows nothing, the others all', () => {
  const ledger = createResultLedger();
  ledger.learn(result('10', 'cmd-1'));
  ledger.learn({ ...result('10', 'cmd-1'), partition: 4 });
  ledger.forget(3);
  expect(ledger.judge(command('10'), { id: 'cmd-1' })).toBe('new');
  expect(ledger.judge(command('10', { partition: 4 }), { id: 'cmd-1' })).toBe('settled');
});
