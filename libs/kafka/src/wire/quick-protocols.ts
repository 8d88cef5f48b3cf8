import { createRequire } from 'node:module';
import { decodeRecordBatches } from './decode-record-batches.ts';
import type { FetchedRecord, Unpack } from './decode-record-batches.ts';
import { encodeRecordBatch } from './encode-record-batch.ts';
import type { RecordToWrite } from './encode-record-batch.ts';

/** What kafkajs has, and its types do not tell. */
type ProduceRequest = {
  acks: number;
  timeout: number;
  compression?: number;
  transactionalId?: string | null;
  producerId?: { toString(): string };
  producerEpoch?: number;
  topicData: {
    topic: string;
    partitions: { partition: number; firstSequence?: number; messages: RecordToWrite[] }[];
  }[];
};
type Encoder = {
  writeString(text: string | null): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeBufferInternal(bytes: Buffer): void;
};
type Decoder = {
  readInt16(): number;
  readInt32(): number;
  readInt64(): bigint;
  readString(): string;
  readBytes(): Buffer | null;
  readArray<T>(read: (decoder: Decoder) => T): T[];
  readArrayAsync<T>(read: (decoder: Decoder) => Promise<T>): Promise<T[]>;
};
type Protocol = {
  request: { encode(): Promise<unknown> };
  response: { decode(raw: Buffer): Promise<unknown> };
};
type Definition<Request> = { protocol(of: { version: number }): (request: Request) => Protocol };

const load = createRequire(import.meta.url);
const { requests } = load('kafkajs/src/protocol/requests') as {
  requests: { Produce: Definition<ProduceRequest>; Fetch: Definition<object> };
};
const { lookupCodecByAttributes } = load('kafkajs/src/protocol/message/compression') as {
  lookupCodecByAttributes(attributes: number): { decompress(packed: Buffer): Promise<Buffer> } | null;
};
const EncoderOfKafkajs = load('kafkajs/src/protocol/encoder') as new (initialBytes?: number) => Encoder;
const DecoderOfKafkajs = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder;

/**
 * Records take most of kafkajs' time: it makes a dozen objects for each, and its checksum goes byte by byte. Here what is
 * written and what is read of them is done by this folder; everything else of a request stays kafkajs'.
 */
export function installQuickProtocols(): void {
  const { Produce, Fetch } = requests;
  const [produce, fetch] = [Produce.protocol, Fetch.protocol];
  Produce.protocol = (of) => {
    const protocol = produce(of);
    // Before version 3 there were no record batches, and what is packed is left to kafkajs.
    return (request) => {
      const { request: own, ...rest } = protocol(request);
      if (of.version < 3 || request.compression) return { request: own, ...rest };
      return { request: { ...own, encode: async () => encodeProduce(request) }, ...rest };
    };
  };
  Fetch.protocol = (of) => {
    const protocol = fetch(of);
    if (of.version !== 11) return protocol;
    return (request) => {
      const { response, ...rest } = protocol(request);
      return { response: { ...response, decode: decodeFetch }, ...rest };
    };
  };
}

/** Produce request, versions 3 to 8. */
function encodeProduce({ transactionalId = null, acks, timeout, topicData, ...producer }: ProduceRequest): Encoder {
  const now = Date.now();
  const id = BigInt(producer.producerId?.toString() ?? -1);
  const epoch = producer.producerEpoch ?? (id < 0n ? -1 : 0);
  const head = new EncoderOfKafkajs(1 << 16).writeString(transactionalId).writeInt16(acks).writeInt32(timeout);
  head.writeInt32(topicData.length);
  for (const { topic, partitions } of topicData) {
    head.writeString(topic).writeInt32(partitions.length);
    for (const { partition, messages, firstSequence = id < 0n ? -1 : 0 } of partitions) {
      const writer = { id, epoch, firstSequence, isTransactional: transactionalId !== null };
      const batch = encodeRecordBatch(messages, writer, now);
      head.writeInt32(partition).writeInt32(batch.length).writeBufferInternal(batch);
    }
  }
  return head;
}

/** Fetch response, version 11, in the form that kafkajs has for it. */
async function decodeFetch(raw: Buffer) {
  const decoder = new DecoderOfKafkajs(raw);
  return {
    // The broker did not wait: it tells the client to (KIP-219).
    throttleTime: 0,
    clientSideThrottleTime: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    sessionId: decoder.readInt32(),
    responses: await decoder.readArrayAsync(async (topic) => ({
      topicName: topic.readString(),
      partitions: await topic.readArrayAsync(decodePartition),
    })),
  };
}

async function decodePartition(decoder: Decoder) {
  return {
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: decoder.readInt64().toString(),
    lastStableOffset: decoder.readInt64().toString(),
    lastStartOffset: decoder.readInt64().toString(),
    abortedTransactions: decoder.readArray((aborted) => ({
      producerId: aborted.readInt64().toString(),
      firstOffset: aborted.readInt64().toString(),
    })),
    preferredReadReplica: decoder.readInt32(),
    messages: await decodeMessages(decoder.readBytes()),
  };
}

const unpack: Unpack = (codec, packed) =>
  codec === 0 ? undefined : lookupCodecByAttributes(codec)?.decompress(packed);

async function decodeMessages(bytes: Buffer | null): Promise<FetchedRecord[]> {
  return bytes === null ? [] : decodeRecordBatches(bytes, unpack);
}
