import { connectKafka } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A client of the benchmark's own. */
export const kafkaClient = (brokers: string, prefix: string): KafkaClient =>
  connectKafka({
    settings: { brokers: brokers.split(','), topicPrefix: prefix, startupTimeoutMs: 60_000 },
    clientId: 'bridge-bench',
    log: silent,
  });
