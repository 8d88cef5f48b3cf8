/** What a batch says of all its records. */
export type BatchContext = { producerId: string; inTransaction: boolean; isControlBatch: boolean };

/** A record as kafkajs hands it out. `key`, `value` and header values are slices of what was fetched. */
export type FetchedRecord = {
  offset: string;
  /** Milliseconds. */
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | null | (Buffer | null)[]>;
  isControlRecord: boolean;
  batchContext: BatchContext;
};

/** Gives back what a codec packed, or undefined when the batch is not packed. `codec` is the three lowest bits. */
export type Unpack = (codec: number, packed: Buffer) => Promise<Buffer> | undefined;

/** Of a batch, all that comes before its records. */
const headBytes = 61;
const codecs = 0x07;
const logAppendTime = 0x08;
const transactional = 0x10;
const control = 0x20;

/**
 * The records of a partition, as a Fetch response carries them: batches of magic 2, of which the last may be cut off and
 * is left out. https://kafka.apache.org/documentation/#recordbatch
 */
export async function decodeRecordBatches(bytes: Buffer, unpack: Unpack): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  for (let start = 0; start + headBytes <= bytes.length;) {
    const end = start + 12 + bytes.readInt32BE(start + 8);
    if (end > bytes.length) break;
    if (bytes[start + 16] !== 2) throw new Error(`a record batch of magic ${bytes[start + 16]}, which is not read`);
    const attributes = bytes.readInt16BE(start + 21);
    const packed = bytes.subarray(start + headBytes, end);
    const unpacking = unpack(attributes & codecs, packed);
    readRecords(bytes, start, attributes, unpacking ? await unpacking : packed, records);
    start = end;
  }
  return records;
}

/** Reads the records of the batch whose head is at `start`. */
function readRecords(head: Buffer, start: number, attributes: number, body: Buffer, into: FetchedRecord[]): void {
  const firstOffset = Number(head.readBigInt64BE(start));
  const firstTime = Number(head.readBigInt64BE(start + 27));
  const appendTime = attributes & logAppendTime ? Number(head.readBigInt64BE(start + 35)) : undefined;
  const isControlBatch = (attributes & control) !== 0;
  const batchContext: BatchContext = {
    producerId: head.readBigInt64BE(start + 43).toString(),
    inTransaction: (attributes & transactional) !== 0,
    isControlBatch,
  };
  const read = new RecordReader(body);
  for (let left = head.readInt32BE(start + 57); left > 0; left -= 1) {
    const next = read.varint() + read.at;
    read.at += 1;
    const timeDelta = read.varint();
    const offset = String(firstOffset + read.varint());
    const timestamp = String(appendTime ?? firstTime + timeDelta);
    const [key, value, headers] = [read.bytes(), read.bytes(), read.headers()];
    into.push({ offset, timestamp, key, value, headers, isControlRecord: isControlBatch, batchContext });
    read.at = next;
  }
}

class RecordReader {
  at = 0;
  #from: Buffer;

  constructor(from: Buffer) {
    this.#from = from;
  }

  /** An integer within 53 bits in Kafka's form (zigzag, seven bits a byte). */
  varint(): number {
    let byte = this.#next();
    let value = byte & 0x7f;
    for (let scale = 0x80; byte > 0x7f; scale *= 0x80) {
      byte = this.#next();
      value += (byte & 0x7f) * scale;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    this.at += length;
    return this.#from.subarray(this.at - length, this.at);
  }

  headers(): FetchedRecord['headers'] {
    const headers: FetchedRecord['headers'] = {};
    for (let left = this.varint(); left > 0; left -= 1) {
      const length = this.varint();
      const name = this.#from.toString('utf8', this.at, this.at + length);
      this.at += length;
      const value = this.bytes();
      if (!Object.hasOwn(headers, name)) set(headers, name, value);
      else set(headers, name, [headers[name] ?? null, value].flat());
    }
    return headers;
  }

  #next(): number {
    const byte = this.#from[this.at];
    // No RangeError: kafkajs would stop for good.
    if (byte === undefined) throw new Error('a record batch ends within a record');
    this.at += 1;
    return byte;
  }
}

/** A header may be called `__proto__`. */
function set<Value>(headers: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') headers[name] = value;
  else Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
}
