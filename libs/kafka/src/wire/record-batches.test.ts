import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecordBatches } from './decode-record-batches.ts';
import { encodeRecordBatch } from './encode-record-batch.ts';
import type { RecordToWrite } from './encode-record-batch.ts';

const load = createRequire(import.meta.url);
const Decoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeByKafkajs = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<{ records: object[] }>;
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(batch: object): Promise<{ buffer: Buffer }>;
};
const Record = load('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;

const notIdempotent = { id: -1n, epoch: -1, firstSequence: -1, isTransactional: false };
const transactional = { id: 4_711n, epoch: 3, firstSequence: 99, isTransactional: true };
const now = 1_795_000_000_123;
const notPacked = () => undefined;

const text = fc.string({ unit: 'binary', maxLength: 100 }).map((one) => one.toWellFormed());
const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one));
const part = fc.oneof(text, bytes);
/** kafkajs reads a header called `valueOf` together with the function of that name. */
const headerName = text.filter((one) => !(one in {}));
const records = fc.array(
  fc.record({
    key: fc.option(part),
    value: fc.option(part),
    headers: fc.dictionary(headerName, fc.oneof(part, fc.array(part, { minLength: 1, maxLength: 3 })), { maxKeys: 9 }),
    timestamp: fc.option(fc.integer({ min: now - 1e12, max: now + 1e12 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 20 },
);

const asBytes = (one: string | Buffer | null) => (one === null ? null : Buffer.from(one as string));
const asRead = (written: RecordToWrite[]) =>
  written.map(({ key = null, value, headers = {}, timestamp }, index) => ({
    offset: String(index),
    timestamp: String(timestamp ?? now),
    key: asBytes(key),
    value: asBytes(value),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, values]) => {
        const all = [values].flat().map((one) => asBytes(one ?? null));
        return [name, all.length === 1 ? all[0] : all];
      }),
    ),
  }));
const fieldsOf = (read: object[]) =>
  read.map((one) => {
    const { offset, timestamp, key, value, headers } = one as Record<string, unknown>;
    return { offset, timestamp, key, value, headers };
  });

describe('a batch that was written', () => {
  test('is read as it was meant, by kafkajs and here', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (written) => {
        const batch = encodeRecordBatch(written, notIdempotent, now);
        const { records: byKafkajs } = await decodeByKafkajs(new Decoder(batch));
        expect(fieldsOf(byKafkajs)).toEqual(asRead(written));
        expect(fieldsOf(await decodeRecordBatches(batch, notPacked))).toEqual(asRead(written));
      }),
    );
  });

  test('may have headers called as objects call their own things', async () => {
    const headers = Object.fromEntries(['__proto__', 'valueOf', 'constructor'].map((one) => [one, one]));
    const [read] = await decodeRecordBatches(
      encodeRecordBatch([{ value: '', headers }], notIdempotent, now),
      notPacked,
    );
    expect(Object.entries(read?.headers ?? {}).map(([one, value]) => [one, String(value)])).toEqual(
      Object.entries(headers),
    );
  });

  test.each([
    ['idempotent by nobody', notIdempotent],
    ['in a transaction', transactional],
  ])('%s is the same to the byte as that of kafkajs', async (_what, producer) => {
    const written = [
      { key: 'acme/501', value: '{"text":"Olá 🚀"}', headers: { ce_id: '1', trace: ['a', 'b'] }, timestamp: now },
      { key: null, value: Buffer.alloc(5_000, 7), headers: {}, timestamp: now + 70_000 },
      { key: Buffer.from('k'), value: null, timestamp: now },
    ];
    const byKafkajs = await RecordBatch({
      records: written.map((one, offsetDelta) => Record({ ...one, offsetDelta, timestampDelta: one.timestamp - now })),
      firstTimestamp: now,
      maxTimestamp: now + 70_000,
      partitionLeaderEpoch: -1,
      lastOffsetDelta: 2,
      transactional: producer.isTransactional,
      producerId: Number(producer.id),
      producerEpoch: producer.epoch,
      firstSequence: producer.firstSequence,
    });
    expect(encodeRecordBatch(written, producer, now).toString('hex')).toBe(byKafkajs.buffer.toString('hex'));
  });
});

describe('of what was fetched', () => {
  const batch = (count: number, producer = notIdempotent) =>
    encodeRecordBatch(
      Array.from({ length: count }, (_, index) => ({ value: `v${index}` })),
      producer,
      now,
    );

  test('all whole batches are read, and one that is cut off is left out', async () => {
    const both = Buffer.concat([batch(3), batch(2)]);
    expect(await decodeRecordBatches(both, notPacked)).toHaveLength(5);
    expect(await decodeRecordBatches(both.subarray(0, -1), notPacked)).toHaveLength(3);
    expect(await decodeRecordBatches(both.subarray(0, 20), notPacked)).toEqual([]);
  });

  test('offsets count from that of the batch, and the time of its appending holds for all', async () => {
    const appended = batch(2);
    appended.writeBigInt64BE(5_000_000_000n, 0);
    appended.writeInt16BE(0x08, 21);
    appended.writeBigInt64BE(BigInt(now + 9), 35);
    expect(await decodeRecordBatches(appended, notPacked)).toMatchObject([
      { offset: '5000000000', timestamp: String(now + 9) },
      { offset: '5000000001', timestamp: String(now + 9) },
    ]);
  });

  test('records of transactions and markers are told', async () => {
    const marker = batch(1, transactional);
    marker.writeInt16BE(0x30, 21);
    const read = await decodeRecordBatches(Buffer.concat([batch(1), batch(1, transactional), marker]), notPacked);
    expect(read.map(({ isControlRecord, batchContext }) => ({ isControlRecord, ...batchContext }))).toMatchObject([
      { isControlRecord: false, inTransaction: false, producerId: '-1' },
      { isControlRecord: false, inTransaction: true, producerId: '4711' },
      { isControlRecord: true, inTransaction: true, producerId: '4711' },
    ]);
  });

  test('what is packed is unpacked by its codec', async () => {
    const plain = batch(3);
    const packed = Buffer.concat([plain.subarray(0, 61), gzipSync(plain.subarray(61))]);
    packed.writeInt32BE(packed.length - 12, 8);
    packed.writeInt16BE(1, 21);
    const asked: number[] = [];
    const read = await decodeRecordBatches(packed, (codec, from) => {
      asked.push(codec);
      expect(from).toEqual(packed.subarray(61));
      return Promise.resolve(plain.subarray(61));
    });
    expect([read.length, asked]).toEqual([3, [1]]);
  });

  test('a batch that says more than it holds is an error', async () => {
    const wrong = batch(1);
    wrong.writeInt32BE(7, 57);
    await expect(decodeRecordBatches(wrong, notPacked)).rejects.toThrow('ends within a record');
  });
});
