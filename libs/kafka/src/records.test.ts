import type { KafkaMessage } from 'kafkajs';
import { expect, it } from 'vitest';
import { consumedRecord } from './records.ts';
import { decodeRecordBatches } from './wire/decode-record-batches.ts';
import { encodeRecordBatch } from './wire/encode-record-batch.ts';

const notIdempotent = { id: -1n, epoch: -1, firstSequence: -1, isTransactional: false };

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
  expect(consumedRecord('t', 3, message(headers))).toMatchObject({
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

it('what was fetched gives its headers as what kafkajs read does', async () => {
  const headers = { one: '1', many: ['ação', 'b'], none: null, some: [null, 'b'] };
  const batch = encodeRecordBatch([{ value: 'v', headers }], notIdempotent, 1000);
  const [fetched] = await decodeRecordBatches(batch, () => undefined);
  const byKafkajs = message({
    one: Buffer.from('1'),
    many: [Buffer.from('ação'), Buffer.from('b')],
    none: null,
    some: [null, Buffer.from('b')],
  });
  const [read, expected] = [
    consumedRecord('t', 3, fetched as unknown as KafkaMessage),
    consumedRecord('t', 3, byKafkajs),
  ];
  expect(read.headers).toEqual(expected.headers);
  expect(read.headers).toEqual({ one: '1', many: 'ação', none: '', some: '' });
  expect(read.rawHeaders).toEqual(expected.rawHeaders);
  expect(read.sizeBytes).toBe(fetched?.sizeBytes);
});

it('a header without a value, as Java clients can write it, is an empty one', () => {
  const { headers, rawHeaders } = consumedRecord('t', 3, message({ none: null, some: [null, Buffer.from('b')] }));
  expect(headers).toEqual({ none: '', some: '' });
  expect(rawHeaders).toEqual({ none: Buffer.alloc(0), some: [Buffer.alloc(0), Buffer.from('b')] });
});
