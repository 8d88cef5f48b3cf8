/**
 * A process that copies a topic in transactions and puts itself to sleep in the middle of its third one, when its records
 * are sent and the offsets are not. Whoever started it wakes it up.
 */
import { writeSync } from 'node:fs';
import type { Transaction } from 'kafkajs';
import { connectKafka } from '../connect-kafka.ts';
import type { KafkaClient } from '../connect-kafka.ts';
import { consumeInTransactions } from '../consume-in-transactions.ts';

const [brokers = '', groupId = '', input = '', output = ''] = process.argv.slice(2);
/** At once: a process that sleeps writes nothing. */
const say = (line: string) => void writeSync(1, `${line}\n`);

let transactions = 0;
function sleepInThird(transaction: Transaction): Transaction {
  const sendOffsets: Transaction['sendOffsets'] = async (offsets) => {
    transactions += 1;
    if (transactions === 3) {
      say('asleep');
      process.kill(process.pid, 'SIGSTOP');
    }
    await transaction.sendOffsets(offsets);
  };
  return { ...transaction, sendOffsets };
}

const client = connectKafka({
  settings: { brokers: brokers.split(','), topicPrefix: 'test', startupTimeoutMs: 20_000 },
  clientId: 'sleeper',
  log: { debug() {}, info() {}, error() {}, warn: (_fields, message) => say(message) },
});
const open: KafkaClient['open'] = (options) => {
  const kafka = client.open(options);
  const producer = kafka.producer.bind(kafka);
  kafka.producer = (settings) => {
    const made = producer(settings);
    return { ...made, transaction: async () => sleepInThird(await made.transaction()) };
  };
  return kafka;
};

const consumer = consumeInTransactions({
  client: { ...client, open },
  groupId,
  topic: input,
  plan: (records) => ({
    outgoing: records.map(({ key, value }) => ({ topic: output, key, value, headers: {} })),
    stored: () => {},
  }),
  forget: () => {},
  recall: () => {},
  recallMs: 60_000,
  onFatal: (error) => {
    throw error;
  },
});
await consumer.start();
process.once('SIGTERM', () => {
  void consumer.stop({ deadline: new Date(Date.now() + 15_000) }).then(() => process.exit(0));
});
