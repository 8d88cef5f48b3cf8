import type { IHeaders, KafkaMessage } from 'kafkajs';

export type HeaderValue = string | Buffer | (string | Buffer)[];

/** A record to publish. Without `partition`, the key decides (murmur2, as Java's default partitioner). */
export type OutgoingRecord = {
  topic: string;
  key: string | Buffer | null;
  value: string | Buffer | null;
  headers: Record<string, HeaderValue>;
  partition?: number;
};

/** A record as read. `key`, `value` and `headers` are decoded as UTF-8; the `raw…` fields are the bytes as they were. */
export type ConsumedRecord = {
  topic: string;
  partition: number;
  offset: string;
  key: string | null;
  value: string | null;
  /** The first value of each header. */
  headers: Record<string, string>;
  rawKey: Buffer | null;
  rawValue: Buffer | null;
  rawHeaders: Record<string, HeaderValue>;
  timestampMs: number;
  sizeBytes: number;
};

export function consumedRecord(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  const rawHeaders = writableHeaders(message.headers ?? {});
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key?.toString('utf8') ?? null,
    // Read once by most, and then in memory twice.
    get value() {
      return message.value?.toString('utf8') ?? null;
    },
    headers: Object.fromEntries(Object.entries(rawHeaders).map(([name, value]) => [name, firstText(value)])),
    rawKey: message.key,
    rawValue: message.value,
    rawHeaders,
    timestampMs: Number(message.timestamp),
    sizeBytes: (message.key?.length ?? 0) + (message.value?.length ?? 0) + headerBytes(rawHeaders),
  };
}

/** Bytes that a record takes in a batch, at most: key, value, headers and the format's own fields. */
export function outgoingBytes(record: OutgoingRecord): number {
  return byteLength(record.key) + byteLength(record.value) + headerBytes(record.headers) + 64;
}

/** A header may have null for a value, which kafkajs reads but fails to write: it becomes an empty one. */
function writableHeaders(headers: IHeaders): Record<string, HeaderValue> {
  const writable = (value: string | Buffer | null | undefined) => value ?? Buffer.alloc(0);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(writable) : writable(value),
    ]),
  );
}

function firstText(value: HeaderValue): string {
  return (Array.isArray(value) ? (value[0] ?? '') : value).toString();
}

function headerBytes(headers: Record<string, HeaderValue>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value]) bytes += name.length + byteLength(one) + 8;
  }
  return bytes;
}

function byteLength(value: string | Buffer | null): number {
  return value === null ? 0 : Buffer.byteLength(value);
}
