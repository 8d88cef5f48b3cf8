import { connectKafka } from '@bridge/kafka';
import { peerEnvironment } from './environment.ts';

// A router as one would write it first: read a batch, map it, send it, commit. At least once, and it checks nothing.
const { KAFKA_BROKERS, TOPIC, OUT_TOPIC, GROUP } = peerEnvironment.parse(process.env);
const quiet = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };
const settings = { brokers: KAFKA_BROKERS.split(','), topicPrefix: 'bench', startupTimeoutMs: 60_000 };
const kafka = connectKafka({ settings, clientId: 'kafkajs-at-least-once', log: quiet }).open();

type Consumed = { key: Buffer | null; value: Buffer | null };

function map({ key, value }: Consumed) {
  const event = JSON.parse(value?.toString('utf8') ?? '') as object;
  return { key, value: JSON.stringify({ ...event, channel: 'triage', duplicateSuspected: false }) };
}

const producer = kafka.producer({ allowAutoTopicCreation: false });
const consumer = kafka.consumer({
  groupId: GROUP,
  allowAutoTopicCreation: false,
  sessionTimeout: 60_000,
  maxWaitTimeInMs: 100,
});
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
await consumer.run({
  partitionsConsumedConcurrently: 12,
  eachBatchAutoResolve: false,
  autoCommitInterval: 1_000,
  eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, heartbeat }) => {
    await producer.send({ topic: OUT_TOPIC, acks: -1, messages: batch.messages.map(map) });
    resolveOffset(batch.lastOffset());
    await commitOffsetsIfNecessary();
    await heartbeat();
  },
});

process.once('SIGTERM', () => {
  void consumer
    .disconnect()
    .then(() => producer.disconnect())
    .then(() => process.exit(0));
});
