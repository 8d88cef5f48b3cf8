import { expect, it } from 'vitest';
import { consumedRecord } from './records.ts';

const message = (headers: Record<string, unknown>) =>
  ({
    key: Buffer.from('acme/501'),
    value: Buffer.from('ação'),
    timestamp: '1000',
    offset: '7',
    attributes: 0,
    headers,
  }) as unknown as Parameters<typeof consumedRecord>[2];

it('a record is decoded, and kept as it was', () => {
  const headers = { one: Buffer.from('1'), many: [Buffer.from('a'), Buffer.from('b')] };
  expect(consumedRecord('t', 3, message(headers))).toEqual({
    topic: 't',
    partition: 3,
    offset: '7',
    key: 'acme/501',
    value: 'ação',
    headers: { one: '1', many: 'a' },
    rawKey: Buffer.from('acme/501'),
    rawValue: Buffer.from('ação'),
    rawHeaders: headers,
    timestampMs: 1000,
    sizeBytes: 8 + 6 + (3 + 1 + 8) + (4 + 1 + 8) * 2,
  });
});

it('a header without a value, as Java clients can write it, is an empty one', () => {
  const { headers, rawHeaders } = consumedRecord('t', 3, message({ none: null, some: [null, Buffer.from('b')] }));
  expect(headers).toEqual({ none: '', some: '' });
  expect(rawHeaders).toEqual({ none: Buffer.alloc(0), some: [Buffer.alloc(0), Buffer.from('b')] });
});
