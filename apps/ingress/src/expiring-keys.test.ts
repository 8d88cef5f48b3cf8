import { expect, test } from 'vitest';
import { expiringKeys } from './expiring-keys.ts';
import { testConnection } from './testing/test-connection.ts';

const now = new Date('2026-11-23T12:00:00Z');
const inDays = (days: number) => new Date(now.getTime() + days * 24 * 3_600_000);
const key = (days?: number) => ({ key: 'verification-key', ...(days !== undefined && { expiresAt: inDays(days) }) });
const { signature } = testConnection();

test.each([
  ['a key that never expires', [key()], undefined],
  ['an expired key and one that never expires', [key(-1), key()], undefined],
  ['a key for eight days', [key(8)], undefined],
  ['a key for six days', [key(6)], 6],
  ['keys of which the last ends tomorrow', [key(-3), key(1)], 1],
  ['expired keys only', [key(-3), key(-5)], -3],
])('a connection with %s', (_, verificationKeys, ends) => {
  const connection = testConnection({ verificationKeys });
  const expected = ends === undefined ? [] : [{ connection: 'acme', expiresAt: inDays(ends) }];
  expect(expiringKeys([connection], now)).toEqual(expected);
  expect(expiringKeys([{ ...connection, signature: { ...signature, mode: 'off' } }], now)).toEqual([]);
});

test('the first to end comes first', () => {
  const connections = [3, 1, 2].map((days) => testConnection({ id: `c-${days}`, verificationKeys: [key(days)] }));
  expect(expiringKeys(connections, now).map(({ connection }) => connection)).toEqual(['c-1', 'c-2', 'c-3']);
});
