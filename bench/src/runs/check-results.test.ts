import { expect, it } from 'vitest';
import { checkResults } from './check-results.ts';

const result = (commandId: string, outcome = 'sent', key = 'company-1/1000') => ({
  key,
  value: JSON.stringify({ commandId, outcome, attempts: 1, at: '2026-11-23T12:00:00.000Z' }),
});

it.each([
  ['one for each', [result('a'), result('b'), result('a', 'sent', 'company-1/1001')], []],
  ['one that is missing', [result('a'), result('b')], ['3 delivered, 2 results']],
  ['two for one', [result('a'), result('b'), result('b')], ['3 delivered, 2 results', '1 have two results']],
  ['another end', [result('a'), result('b'), result('c', 'failed')], ['1 ended as failed']],
])('of three that were delivered: %s', (_, records, faults) => {
  const check = checkResults(3);
  for (const record of records) check.take(record);
  expect(check.faults()).toEqual(faults);
});
