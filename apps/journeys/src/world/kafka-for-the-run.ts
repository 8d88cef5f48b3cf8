import { testKafka } from '@bridge/tools/local-kafka';

/** Vitest's global setup: the Kafka of `KAFKA_BROKERS`, else one that is started for this run and found by all its files. */
export default async function startKafka(): Promise<() => Promise<void>> {
  const kafka = await testKafka((line) => console.log(line));
  process.env['KAFKA_BROKERS'] = kafka.brokers;
  return () => kafka.stop();
}
