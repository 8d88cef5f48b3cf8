import type { IHeaders, KafkaMessage } from 'kafkajs';
import { FetchedRecord } from './wire/decode-record-batches.ts';
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

/**
 * A record as read. `key`, `value` and `headers` are decoded as UTF-8; the `raw…` fields are the bytes as they were. Most are
 * made when they are asked for, and not copied by `{ ...record }`.
 */
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
  return new LazyRecord(topic, partition, message);
}

class LazyRecord implements ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly rawKey: Buffer | null;
  readonly rawValue: Buffer | null;
  readonly timestampMs: number;
  readonly sizeBytes: number;
  readonly #message: KafkaMessage;
  #headers: Record<string, string> | undefined;

  constructor(topic: string, partition: number, message: KafkaMessage & { sizeBytes?: number }) {
    const { key, value, offset, timestamp, sizeBytes } = message;
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.rawKey = key;
    this.rawValue = value;
    this.timestampMs = Number(timestamp);
    this.sizeBytes = sizeBytes ?? byteLength(key) + byteLength(value) + headerBytes(message.headers ?? {});
    this.#message = message;
  }

  get key(): string | null {
    return this.rawKey?.toString('utf8') ?? null;
  }

  /** Read once by most, and then in memory twice. */
  get value(): string | null {
    return this.rawValue?.toString('utf8') ?? null;
  }

  get headers(): Record<string, string> {
    return (this.#headers ??= headerTexts(this.#message));
  }

  get rawHeaders(): Record<string, HeaderValue> {
    return mapValues(this.#message.headers ?? {}, withoutNull);
  }
}

function headerTexts(message: KafkaMessage): Record<string, string> {
  if (message instanceof FetchedRecord) return message.headerTexts();
  // What brokers before Kafka 2.3 answer is read by kafkajs.
  return mapValues(message.headers ?? {}, firstText);
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
