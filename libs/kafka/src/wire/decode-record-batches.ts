/** What a batch says of all its records. */
export type BatchContext = { producerId: string; inTransaction: boolean; isControlBatch: boolean };

type Headers = Record<string, Buffer | null | (Buffer | null)[]>;

/**
 * A record in the form that kafkajs has for it. It holds the bytes as they came: key, value and headers are read when they
 * are asked for, anew each time, and are slices of these bytes.
 */
export class FetchedRecord {
  readonly offset: string;
  /** Milliseconds. */
  readonly timestamp: string;
  readonly batchContext: BatchContext;
  isControlRecord: boolean;
  /** Its key begins at `start`, its last header ends before `end`. */
  readonly #block: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor(
    { offset, timestamp, batchContext }: Pick<FetchedRecord, 'offset' | 'timestamp' | 'batchContext'>,
    block: Buffer,
    start: number,
    end: number,
  ) {
    this.offset = offset;
    this.timestamp = timestamp;
    this.batchContext = batchContext;
    this.isControlRecord = batchContext.isControlBatch;
    this.#block = block;
    this.#start = start;
    this.#end = end;
  }

  /** The same records in a block of memory of their own, for which they need so many bytes: what was fetched can go. */
  static copy(records: FetchedRecord[], bytes: number): FetchedRecord[] {
    // Not of Node's pool: of its blocks the last record that waits would keep the whole.
    const block = Buffer.allocUnsafeSlow(bytes);
    let end = 0;
    return records.map((record) => {
      const start = end;
      end += record.#block.copy(block, start, record.#start, record.#end);
      return new FetchedRecord(record, block, start, end);
    });
  }

  get key(): Buffer | null {
    return new RecordReader(this.#block, this.#start).bytes();
  }

  get value(): Buffer | null {
    const read = new RecordReader(this.#block, this.#start);
    read.skip();
    return read.bytes();
  }

  get headers(): Headers {
    return this.#readerOfHeaders().headers();
  }

  /** The first value of each header, as text. */
  headerTexts(): Record<string, string> {
    return this.#readerOfHeaders().headerTexts();
  }

  #readerOfHeaders(): RecordReader {
    const read = new RecordReader(this.#block, this.#start);
    read.skip();
    read.skip();
    return read;
  }

  /** Of key, value and headers. */
  get sizeBytes(): number {
    return this.#end - this.#start;
  }
}

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
    // No RangeError: kafkajs would stop for good.
    if (next < read.at || next > body.length) throw new Error(endsWithin);
    into.push(new FetchedRecord({ offset, timestamp, batchContext }, body, read.at, next));
    read.at = next;
  }
}

const endsWithin = 'a record batch ends within a record';

class RecordReader {
  at: number;
  #from: Buffer;

  constructor(from: Buffer, at = 0) {
    this.#from = from;
    this.at = at;
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

  skip(): void {
    const length = this.varint();
    if (length > 0) this.at += length;
  }

  headers(): Headers {
    const headers: Headers = {};
    for (let left = this.varint(); left > 0; left -= 1) {
      const name = this.#text();
      const value = this.bytes();
      set<Headers[string]>(headers, name, Object.hasOwn(headers, name) ? [headers[name] ?? null, value].flat() : value);
    }
    return headers;
  }

  headerTexts(): Record<string, string> {
    const texts: Record<string, string> = {};
    for (let left = this.varint(); left > 0; left -= 1) {
      const name = this.#text();
      const text = this.#text();
      if (!Object.hasOwn(texts, name)) set(texts, name, text);
    }
    return texts;
  }

  #text(): string {
    const length = Math.max(0, this.varint());
    this.at += length;
    return this.#from.toString('utf8', this.at - length, this.at);
  }

  #next(): number {
    const byte = this.#from[this.at];
    // No RangeError: kafkajs would stop for good.
    if (byte === undefined) throw new Error(endsWithin);
    this.at += 1;
    return byte;
  }
}

/** A header may be called `__proto__`. */
function set<Value>(headers: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') headers[name] = value;
  else Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
}
