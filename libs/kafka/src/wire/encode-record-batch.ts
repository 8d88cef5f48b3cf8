import { crc32c } from './crc32c.ts';
import { textBytes, varintBytes, writeText, writeVarint } from './write-bytes.ts';

type Bytes = string | Buffer | null;
type HeaderValue = string | Buffer | null | undefined;

/** A record to be written; text is written as UTF-8. A header with several values is written several times. */
export type RecordToWrite = {
  key?: Bytes | undefined;
  value: Bytes;
  headers?: Record<string, HeaderValue | HeaderValue[]> | undefined;
  /** Milliseconds. */
  timestamp?: string | number | undefined;
};

/** Who writes, and with what number it goes on; -1 throughout for whoever is not idempotent. */
export type BatchProducer = { id: bigint; epoch: number; firstSequence: number; isTransactional: boolean };

/** Of a batch, all that comes before its records. */
const headBytes = 61;
const crcAt = 17;
/** From here on the checksum counts. */
const attributesAt = 21;
const transactional = 0x10;

/**
 * One record batch (magic 2, not compressed) of at least one record, as a Produce request carries it.
 * https://kafka.apache.org/documentation/#recordbatch
 */
export function encodeRecordBatch(records: readonly RecordToWrite[], producer: BatchProducer, now: number): Buffer {
  const times = records.map(({ timestamp }) => (timestamp === undefined ? now : Number(timestamp)));
  const firstTime = times.reduce((least, time) => Math.min(least, time));
  const lastTime = times.reduce((most, time) => Math.max(most, time));
  const sizes = records.map((record, index) => bodyBytes(record, (times[index] ?? now) - firstTime, index));
  const length = sizes.reduce((sum, size) => sum + varintBytes(size) + size, headBytes);

  const batch = Buffer.allocUnsafe(length);
  batch.writeBigInt64BE(0n, 0); // The broker says where it begins.
  batch.writeInt32BE(length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch[16] = 2;
  batch.writeInt16BE(producer.isTransactional ? transactional : 0, attributesAt);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(firstTime), 27);
  batch.writeBigInt64BE(BigInt(lastTime), 35);
  batch.writeBigInt64BE(producer.id, 43);
  batch.writeInt16BE(producer.epoch, 51);
  batch.writeInt32BE(producer.firstSequence, 53);
  batch.writeInt32BE(records.length, 57);
  let at = headBytes;
  records.forEach((record, index) => {
    at = writeVarint(batch, sizes[index] ?? 0, at);
    at = writeBody(batch, record, (times[index] ?? now) - firstTime, index, at);
  });
  batch.writeUInt32BE(crc32c(batch, attributesAt), crcAt);
  return batch;
}

/** How many bytes `writeBody` writes. */
function bodyBytes({ key, value, headers }: RecordToWrite, timeDelta: number, offsetDelta: number): number {
  let size = 1 + varintBytes(timeDelta) + varintBytes(offsetDelta) + partBytes(key) + partBytes(value);
  let count = 0;
  for (const name in headers) {
    const values = headers[name];
    if (!Array.isArray(values)) {
      size += partBytes(name) + partBytes(values);
      count += 1;
      continue;
    }
    for (const one of values) size += partBytes(name) + partBytes(one);
    count += values.length;
  }
  return size + varintBytes(count);
}

function writeBody(
  batch: Buffer,
  { key, value, headers }: RecordToWrite,
  timeDelta: number,
  offsetDelta: number,
  start: number,
): number {
  batch[start] = 0;
  let at = writeVarint(batch, timeDelta, start + 1);
  at = writeVarint(batch, offsetDelta, at);
  at = writePart(batch, key, at);
  at = writePart(batch, value, at);
  let count = 0;
  for (const name in headers) {
    const values = headers[name];
    count += Array.isArray(values) ? values.length : 1;
  }
  at = writeVarint(batch, count, at);
  for (const name in headers) {
    const values = headers[name];
    if (!Array.isArray(values)) {
      at = writePart(batch, values, writePart(batch, name, at));
      continue;
    }
    for (const one of values) at = writePart(batch, one, writePart(batch, name, at));
  }
  return at;
}

/** With the length before it; -1 for none. */
function partBytes(part: Bytes | undefined): number {
  if (part === null || part === undefined) return 1;
  const bytes = typeof part === 'string' ? textBytes(part) : part.length;
  return varintBytes(bytes) + bytes;
}

function writePart(batch: Buffer, part: Bytes | undefined, start: number): number {
  if (part === null || part === undefined) return writeVarint(batch, -1, start);
  if (typeof part !== 'string') {
    const at = writeVarint(batch, part.length, start);
    return at + part.copy(batch, at);
  }
  const bytes = textBytes(part);
  return writeText(batch, part, bytes, writeVarint(batch, bytes, start));
}
