import { Partitioners } from 'kafkajs';
import type { ICustomPartitioner, Message, Producer, RecordMetadata } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { PublishError } from './errors.ts';
import type { OutgoingRecord } from './records.ts';

/** Where the broker stored a record. */
export type Ack = { topic: string; partition: number; offset: string };

/** One producer at a time, replaced after every failure: a send of kafkajs that failed leaves its producer in doubt. */
export type Sender = {
  connect(): Promise<void>;
  /** One produce request a broker, acks from all in-sync replicas. Rejects with a `PublishError`. */
  send(records: OutgoingRecord[]): Promise<Ack[]>;
  close(): Promise<void>;
  /** Why sending is not possible now; empty when it is. */
  trouble(): string;
};

type PlacedMessage = Message & { placed?: number };

export function createSender(client: KafkaClient, requestTimeoutMs: number): Sender {
  let producer: Producer | undefined;
  let trouble = 'not connected yet';

  async function discard(reason: string): Promise<void> {
    trouble = reason;
    const old = producer;
    producer = undefined;
    await old?.disconnect().catch(() => undefined);
  }

  async function connect(): Promise<void> {
    if (producer) return;
    const fresh = client.open({ requestTimeoutMs, retries: 3 }).producer({
      createPartitioner: placingPartitioner,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
    });
    try {
      await fresh.connect();
    } catch (error) {
      trouble = describe(error);
      await fresh.disconnect().catch(() => undefined);
      throw new PublishError('unavailable', `cannot connect: ${trouble}`, error);
    }
    producer = fresh;
    trouble = '';
  }

  async function send(records: OutgoingRecord[]): Promise<Ack[]> {
    await connect();
    const messages = records.map(({ key, value, headers, partition }): PlacedMessage => {
      return { key, value, headers, ...(partition === undefined ? {} : { partition }) };
    });
    try {
      const topicMessages = byTopic(records, messages);
      const stored = await producer?.sendBatch({ acks: -1, timeout: requestTimeoutMs, topicMessages });
      const acks = acksOf(records, messages, stored ?? []);
      // kafkajs drops what moved to a broker that had answered already, and reports success.
      if (acks.some(({ offset }) => offset === '-1'))
        throw new Error('a partition moved, and its records were not sent');
      return acks;
    } catch (error) {
      // A refusal by size is a plain answer: nothing is in doubt.
      const tooLarge = (error as { type?: string }).type === 'MESSAGE_TOO_LARGE';
      if (!tooLarge) await discard(describe(error));
      throw new PublishError(tooLarge ? 'too-large' : 'unavailable', describe(error), error);
    }
  }

  return { connect, send, close: () => discard('closed'), trouble: () => trouble };
}

/** Java's default partitioner, which leaves on each message the partition it chose: acks name partition and offset. */
const placingPartitioner: ICustomPartitioner = () => {
  const choose = Partitioners.DefaultPartitioner();
  return (args) => ((args.message as PlacedMessage).placed = choose(args));
};

/** The messages made of `records`, put together by topic, their order kept. */
function byTopic(records: OutgoingRecord[], messages: Message[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  records.forEach(({ topic }, index) => {
    const list = topics.get(topic) ?? [];
    if (list.length === 0) topics.set(topic, list);
    list.push(messages[index] as Message);
  });
  return [...topics].map(([topic, list]) => ({ topic, messages: list }));
}

function acksOf(records: OutgoingRecord[], messages: PlacedMessage[], stored: RecordMetadata[]): Ack[] {
  const next = new Map(stored.map((one) => [`${one.topicName}/${one.partition}`, BigInt(one.baseOffset ?? -1)]));
  return records.map(({ topic }, index) => {
    const partition = messages[index]?.placed ?? -1;
    const offset = next.get(`${topic}/${partition}`) ?? -1n;
    if (offset >= 0n) next.set(`${topic}/${partition}`, offset + 1n);
    return { topic, partition, offset: offset.toString() };
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
