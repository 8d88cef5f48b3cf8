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
  buffer: Buffer;
  writeString(text: string | null): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
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
/** `frames`: the request's bytes, as pieces that are sent one after the other; without it kafkajs' `encode` makes them. */
type Request = { apiKey: number; apiVersion: number; apiName: string; frames?(): Buffer[] };
type Protocol = {
  request: Request;
  response: {
    decode(raw: Buffer): Promise<{ clientSideThrottleTime?: number }>;
    parse(data: unknown): Promise<unknown>;
  };
};
type Answered = { payload: Buffer };
type Connection = {
  clientId: string;
  socket: { cork(): void; write(bytes: Buffer): void; uncork(): void };
  requestQueue: {
    push(request: { entry: object; expectResponse: boolean; requestTimeout: number | null; sendRequest(): void }): void;
    maybeThrottle(ms: number | undefined): void;
  };
  isAuthenticated(): boolean;
  authenticate(): Promise<void>;
  failIfNotConnected(): void;
  nextCorrelationId(): number;
  send(protocol: Protocol): Promise<unknown>;
};
type Definition<Payload> = { protocol(of: { version: number }): (payload: Payload) => Protocol };

const load = createRequire(import.meta.url);
const { requests } = load('kafkajs/src/protocol/requests') as {
  requests: { Produce: Definition<ProduceRequest>; Fetch: Definition<object> };
};
const { lookupCodecByAttributes } = load('kafkajs/src/protocol/message/compression') as {
  lookupCodecByAttributes(attributes: number): { decompress(packed: Buffer): Promise<Buffer> } | null;
};
const { prototype: connection } = load('kafkajs/src/network/connection') as { prototype: Connection };
const EncoderOfKafkajs = load('kafkajs/src/protocol/encoder') as new () => Encoder;
const DecoderOfKafkajs = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder;

/**
 * Records take most of kafkajs' time: it makes a dozen objects for each, copies each three times, and its checksum goes
 * byte by byte. Here what is written and what is read of them is done by this folder; everything else of a request stays
 * kafkajs'.
 */
export function installQuickProtocols(): void {
  const { Produce, Fetch } = requests;
  const [produce, fetch] = [Produce.protocol, Fetch.protocol];
  Produce.protocol = (of) => {
    const protocol = produce(of);
    return (request) => {
      const { request: own, response } = protocol(request);
      // Before version 3 there were no record batches, and what is packed is left to kafkajs.
      if (of.version < 3 || request.compression || request.acks === 0) return { request: own, response };
      return { request: { ...own, frames: () => encodeProduce(request) }, response };
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
  const { send } = connection;
  connection.send = function sendQuickly(protocol) {
    return protocol.request.frames ? sendFrames(this, protocol) : send.call(this, protocol);
  };
}

/** What kafkajs does to send a request, without copying it. */
async function sendFrames(to: Connection, { request, response }: Protocol): Promise<unknown> {
  if (!to.isAuthenticated()) await to.authenticate();
  const { apiKey, apiVersion, apiName, frames = () => [] } = request;
  const pieces = frames();
  const correlationId = to.nextCorrelationId();
  const head = new EncoderOfKafkajs().writeInt16(apiKey).writeInt16(apiVersion).writeInt32(correlationId);
  head.writeString(to.clientId);
  const length = pieces.reduce((sum, piece) => sum + piece.length, head.buffer.length);
  const first = Buffer.concat([new EncoderOfKafkajs().writeInt32(length).buffer, head.buffer]);
  const { payload } = await new Promise<Answered>((resolve, reject) => {
    to.failIfNotConnected();
    to.requestQueue.push({
      entry: { apiKey, apiName, apiVersion, correlationId, resolve, reject },
      expectResponse: true,
      requestTimeout: null,
      sendRequest: () => {
        to.socket.cork();
        for (const piece of [first, ...pieces]) to.socket.write(piece);
        to.socket.uncork();
      },
    });
  });
  const data = await response.decode(payload);
  to.requestQueue.maybeThrottle(data.clientSideThrottleTime);
  return response.parse(data);
}

/** Produce request, versions 3 to 8, as pieces: what it says of a partition, and the partition's batch. */
function encodeProduce({ transactionalId = null, acks, timeout, topicData, ...producer }: ProduceRequest): Buffer[] {
  const now = Date.now();
  const id = BigInt(producer.producerId?.toString() ?? -1);
  const epoch = producer.producerEpoch ?? (id < 0n ? -1 : 0);
  const pieces: Buffer[] = [];
  let head = new EncoderOfKafkajs().writeString(transactionalId).writeInt16(acks).writeInt32(timeout);
  head.writeInt32(topicData.length);
  for (const { topic, partitions } of topicData) {
    head.writeString(topic).writeInt32(partitions.length);
    for (const { partition, messages, firstSequence = id < 0n ? -1 : 0 } of partitions) {
      const writer = { id, epoch, firstSequence, isTransactional: transactionalId !== null };
      const batch = encodeRecordBatch(messages, writer, now);
      pieces.push(head.writeInt32(partition).writeInt32(batch.length).buffer, batch);
      head = new EncoderOfKafkajs();
    }
  }
  return pieces;
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
