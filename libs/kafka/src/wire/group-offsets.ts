import { createRequire } from 'node:module';

/** The member of a group for which offsets are committed: in any other generation the group does not take them. */
export type GroupMember = { memberId: string; generationId: number };

/** Offsets of a group, in decimal digits, that count once the transaction is committed. */
export type TxnOffsetCommitRequest = GroupMember & {
  transactionalId: string;
  groupId: string;
  producerId: string;
  producerEpoch: number;
  topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
};
export type TxnOffsetCommitAnswer = { topics: { topic: string; partitions: { errorCode: number }[] }[] };

export type OffsetFetchRequest = {
  groupId: string;
  topics: { topic: string; partitions: number[] }[];
  /** Offsets that an open transaction may still move are refused. */
  requireStable: boolean;
};
/** An offset of -1: the group has committed none. */
export type OffsetFetchAnswer = {
  errorCode: number;
  topics: { topic: string; partitions: { partition: number; offset: bigint; errorCode: number }[] }[];
};

/** What kafkajs has, and its types do not tell. */
type Encoder = {
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeInt64(value: string): Encoder;
  writeBoolean(value: boolean): Encoder;
  /** Nothing given: a length of 0, which is null, an empty array, and no tagged fields. */
  writeUVarIntBytes(): Encoder;
  writeUVarIntString(text: string | null): Encoder;
  writeUVarIntArray(array: Encoder[]): Encoder;
};
type Decoder = {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readUVarIntString(): string | null;
  readUVarIntArray<T>(read: (decoder: Decoder) => T): T[];
  readTaggedFields(): void;
};
type Protocol<Payload> = (payload: Payload) => {
  request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<Encoder> };
  response: { decode(raw: Buffer): Promise<unknown> };
};
type Definition<Payload> = { versions: string[]; protocol(of: { version: number }): Protocol<Payload> };

const load = createRequire(import.meta.url);
const EncoderOfKafkajs = load('kafkajs/src/protocol/encoder') as new () => Encoder;
const DecoderOfKafkajs = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder;

/**
 * TxnOffsetCommit, version 3, the first that names the member and its generation (KIP-447): the group refuses the offsets
 * of who is no member any more, or is in an older generation. kafkajs ends at version 1.
 */
export const txnOffsetCommit = definition<TxnOffsetCommitRequest>({
  api: { apiKey: 28, apiVersion: 3, apiName: 'TxnOffsetCommit' },
  encode: (encoder, request) =>
    encoder
      .writeUVarIntString(request.transactionalId)
      .writeUVarIntString(request.groupId)
      .writeInt64(request.producerId)
      .writeInt16(request.producerEpoch)
      .writeInt32(request.generationId)
      .writeUVarIntString(request.memberId)
      .writeUVarIntString(null)
      .writeUVarIntArray(
        request.topics.map(({ topic, partitions }) =>
          encodeTopic(
            topic,
            partitions.map(({ partition, offset }) =>
              // The leader's epoch is not known, and there is no metadata.
              new EncoderOfKafkajs()
                .writeInt32(partition)
                .writeInt64(offset)
                .writeInt32(-1)
                .writeUVarIntString(null)
                .writeUVarIntBytes(),
            ),
          ),
        ),
      ),
  decode(decoder): TxnOffsetCommitAnswer {
    const topics = readTopics(decoder, (one) => ({ partition: one.readInt32(), errorCode: one.readInt16() }));
    return { topics };
  },
});

/**
 * OffsetFetch, version 7, the first that can require what no open transaction may move any more (KIP-447): else a partition
 * is answered with UNSTABLE_OFFSET_COMMIT. kafkajs ends at version 4.
 */
export const offsetFetch = definition<OffsetFetchRequest>({
  api: { apiKey: 9, apiVersion: 7, apiName: 'OffsetFetch' },
  encode: (encoder, { groupId, topics, requireStable }) =>
    encoder
      .writeUVarIntString(groupId)
      .writeUVarIntArray(
        topics.map(({ topic, partitions }) =>
          encodeTopic(
            topic,
            partitions.map((partition) => new EncoderOfKafkajs().writeInt32(partition)),
          ),
        ),
      )
      .writeBoolean(requireStable),
  decode(decoder): OffsetFetchAnswer {
    const topics = readTopics(decoder, (one) => {
      const [partition, offset] = [one.readInt32(), BigInt(one.readInt64().toString())];
      one.readInt32();
      one.readUVarIntString();
      return { partition, offset, errorCode: one.readInt16() };
    });
    return { topics, errorCode: decoder.readInt16() };
  },
});

function encodeTopic(topic: string, partitions: Encoder[]): Encoder {
  return new EncoderOfKafkajs().writeUVarIntString(topic).writeUVarIntArray(partitions).writeUVarIntBytes();
}

function readTopics<Partition>(decoder: Decoder, readPartition: (decoder: Decoder) => Partition) {
  return decoder.readUVarIntArray((one) => {
    const topic = one.readUVarIntString() ?? '';
    const partitions = one.readUVarIntArray((part) => {
      const read = readPartition(part);
      part.readTaggedFields();
      return read;
    });
    one.readTaggedFields();
    return { topic, partitions };
  });
}

/** A request in the form that kafkajs has for it. Both its header and its body end in tagged fields: there are none. */
function definition<Payload>(of: {
  api: { apiKey: number; apiVersion: number; apiName: string };
  encode(encoder: Encoder, payload: Payload): Encoder;
  decode(decoder: Decoder): object;
}): Definition<Payload> {
  const { api, encode, decode } = of;
  return {
    versions: [String(api.apiVersion)],
    protocol: ({ version }) => {
      if (version !== api.apiVersion) {
        throw new Error(
          `the broker has ${api.apiName} up to version ${version} only: Apache Kafka 2.5 or newer is needed`,
        );
      }
      return (payload) => ({
        request: {
          ...api,
          encode: async () => encode(new EncoderOfKafkajs().writeUVarIntBytes(), payload).writeUVarIntBytes(),
        },
        response: {
          decode: async (raw) => {
            const decoder = new DecoderOfKafkajs(raw);
            decoder.readTaggedFields();
            return { clientSideThrottleTime: decoder.readInt32(), ...decode(decoder) };
          },
        },
      });
    },
  };
}
