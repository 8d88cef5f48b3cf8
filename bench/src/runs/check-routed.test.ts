import { expect, it } from 'vitest';
import { inboundRecord } from '../world/inbound-backlog.ts';
import { createRoutedCheck } from './check-routed.ts';

/** What a router that is as it should be writes of event number `index`; two conversations take turns. */
function routed(index: number) {
  const made = inboundRecord({ topic: 't', index, conversations: 2, sizeBytes: 1_024, at: new Date() });
  return { key: String(made.key), value: String(made.value) };
}

function check(count: number, records: { key: string | null; value: string | null }[]) {
  const { take, report } = createRoutedCheck(count);
  for (const record of records) take(record);
  return report();
}

const clean = { written: 4, repeated: 0, missing: 0, disordered: 0, foreign: 0 };

it.each([
  ['all of them, in order', [0, 1, 2, 3], clean],
  ['the conversations in another order to each other', [1, 3, 0, 2], clean],
  ['one that is missing', [0, 1, 3], { ...clean, written: 3, missing: 1 }],
  ['one that came twice', [0, 1, 2, 3, 1], { ...clean, written: 5, repeated: 1 }],
  ['two of a conversation that changed places', [2, 0, 1, 3], { ...clean, disordered: 1 }],
  ['one beyond the backlog', [0, 1, 2, 3, 4], { ...clean, foreign: 1 }],
])('it tells %s', (_, indexes, expected) => {
  expect(check(4, indexes.map(routed))).toEqual(expected);
});

it.each([
  ['no key', { ...routed(0), key: null }],
  ['no value', { ...routed(0), value: null }],
  ['no JSON', { ...routed(0), value: '{' }],
  ['another id', { ...routed(0), value: '{"id":"x"}' }],
])('a record with %s is foreign', (_, record) => {
  expect(check(1, [record])).toMatchObject({ foreign: 1, missing: 1 });
});
