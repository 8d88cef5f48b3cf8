/**
 * A process that copies a topic in transactions and puts itself to sleep in the middle of its third one, just before it
 * sends the request that is named. Whoever started it wakes it up.
 */
import { writeSync } from 'node:fs';
import type { BrokerConnection } from '../broker-connection.ts';
import { connectKafka } from '../connect-kafka.ts';
import type { KafkaClient } from '../connect-kafka.ts';
import { consumeInTransactions } from '../consume-in-transactions.ts';

const [brokers = '', groupId = '', input = '', output = '', request = ''] = process.argv.slice(2);
/** At once: a process that sleeps writes nothing. */
const say = (line: string) => void writeSync(1, `${line}\n`);

let requests = 0;
function sleepInThird(connection: BrokerConnection): BrokerConnection {
  const ask: BrokerConnection['ask'] = async (api, payload) => {
    if (api === request) requests += 1;
    if (api === request && requests === 3) {
      requests += 1;
      say('asleep');
      process.kill(process.pid, 'SIGSTOP');
    }
    return connection.ask(api, payload);
  };
  return { ...connection, ask };
}

const client = connectKafka({
  settings: { brokers: brokers.split(','), topicPrefix: 'test', startupTimeoutMs: 20_000 },
  clientId: 'sleeper',
  log: { debug() {}, info() {}, error() {}, warn: (_fields, message) => say(message) },
});
const connectBroker: KafkaClient['connectBroker'] = async (...where) =>
  sleepInThird(await client.connectBroker(...where));

const consumer = consumeInTransactions({
  client: { ...client, connectBroker },
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
