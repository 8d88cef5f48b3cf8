import type { IHeaders, KafkaMessage } from 'kafkajs';
import { textBytes } from './wire/write-bytes.ts';

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

/** What a reader may never ask for is made only when it does: most of the work of a record is in its headers. */
export function consumedRecord(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  const { key, value, headers = {} } = message;
  let raw: Record<string, HeaderValue> | undefined;
  let texts: Record<string, string> | undefined;
  return {
    topic,
    partition,
    offset: message.offset,
    key: key?.toString('utf8') ?? null,
    // Read once by most, and then in memory twice.
    get value() {
      return value?.toString('utf8') ?? null;
    },
    get headers() {
      return (texts ??= mapValues(headers, firstText));
    },
    rawKey: key,
    rawValue: value,
    get rawHeaders() {
      return (raw ??= mapValues(headers, withoutNull));
    },
    timestampMs: Number(message.timestamp),
    sizeBytes: byteLength(key) + byteLength(value) + headerBytes(headers),
  };
}

/** Bytes that a record takes in a batch, at most: key, value, headers and the format's own fields. */
export function outgoingBytes(record: OutgoingRecord): number {
  return byteLength(record.key) + byteLength(record.value) + headerBytes(record.headers) + 64;
}

type AnyValue = IHeaders[string] | null;

/** A header may have null for a value: it counts as an empty one. */
function withoutNull(value: AnyValue): HeaderValue {
  return Array.isArray(value) ? value.map((one: string | Buffer | null) => one ?? nothing) : (value ?? nothing);
}

const nothing = Buffer.alloc(0);

function firstText(value: AnyValue): string {
  return ((Array.isArray(value) ? value[0] : value) ?? '').toString();
}

function mapValues<Value>(headers: IHeaders, of: (value: AnyValue) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, of(value)]));
}

function headerBytes(headers: IHeaders): number {
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name];
    if (!Array.isArray(value)) bytes += name.length + byteLength(value) + 8;
    else for (const one of value) bytes += name.length + byteLength(one) + 8;
  }
  return bytes;
}

function byteLength(value: string | Buffer | null | undefined): number {
  if (typeof value === 'string') return textBytes(value);
  return value?.length ?? 0;
}
