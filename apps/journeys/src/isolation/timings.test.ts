import { expect, it } from 'vitest';
import { spreadOf, timingsOf } from './timings.ts';

const result = { replays: '0', outcome: 'sent', value: '' };

it('a timing is from the command to its first result, by their place', () => {
  const commands = [
    { id: 'a', key: 'acme/1', partition: 0, offset: 5, at: 1_000 },
    { id: 'b', key: 'acme/2', partition: 1, offset: 5, at: 1_000 },
    { id: 'c', key: 'acme/3', partition: 1, offset: 6, at: 1_000 },
  ];
  const results = [
    { ...result, commandId: 'b', partition: 1, commandOffset: 5, at: 1_040 },
    { ...result, commandId: 'a', partition: 0, commandOffset: 5, at: 1_010 },
    { ...result, commandId: 'a', partition: 0, commandOffset: 5, at: 9_999 },
  ];
  expect(timingsOf(commands, results)).toEqual([
    { connection: 'acme', sentAt: 1_000, settledAt: 1_010 },
    { connection: 'acme', sentAt: 1_000, settledAt: 1_040 },
  ]);
});

it('the spread is the middle, the one of a hundred, and the longest', () => {
  const timings = Array.from({ length: 200 }, (_, index) => ({
    connection: 'acme',
    sentAt: 0,
    settledAt: 200 - index,
  }));
  expect(spreadOf(timings)).toEqual({ count: 200, p50: 100, p99: 198, longest: 200 });
  expect(spreadOf([])).toEqual({ count: 0, p50: 0, p99: 0, longest: 0 });
});
