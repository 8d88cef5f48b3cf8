import { Kafka, logLevel } from 'kafkajs';
import { openBrokerConnection } from './broker-connection.ts';
import type { BrokerConnection } from './broker-connection.ts';
import type { KafkaConfig, LogEntry, SASLOptions } from 'kafkajs';
import type { Log } from './log.ts';
import { mendKafkajs } from './mend-kafkajs.ts';

/** Where the brokers are and how to speak to them. Times in milliseconds. */
export type KafkaSettings = {
  brokers: string[];
  topicPrefix: string;
  ssl?: boolean | { ca?: string; cert?: string; key?: string } | undefined;
  sasl?: { mechanism: string; username: string; password: string } | undefined;
  startupTimeoutMs: number;
};

/** What every function of this library takes: the settings, and a way to open connections by them. */
export type KafkaClient = {
  settings: KafkaSettings;
  log: Log;
  /** A new kafkajs client. `requestTimeoutMs` bounds every single request, 30,000 unless told; `silent`: no log lines. */
  open(options?: { requestTimeoutMs?: number; retries?: number; silent?: boolean }): Kafka;
  /** A connection to the broker at `address` (`host:port`); whoever asks for it reports its failures. */
  connectBroker(address: string, requestTimeoutMs: number): Promise<BrokerConnection>;
};

/** Prepares connections; nothing is opened yet. `clientId` is what the broker's logs and quotas show. */
export function connectKafka(options: { settings: KafkaSettings; clientId: string; log: Log }): KafkaClient {
  mendKafkajs();
  const { settings, clientId, log } = options;
  const open: KafkaClient['open'] = ({ requestTimeoutMs = 30_000, retries = 5, ...more } = {}) =>
    new Kafka({
      clientId,
      brokers: settings.brokers,
      ...securityOf(settings),
      connectionTimeout: Math.min(10_000, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      enforceRequestTimeout: true,
      retry: { initialRetryTime: 100, maxRetryTime: 5_000, multiplier: 2, factor: 0.2, retries },
      logLevel: more.silent ? logLevel.NOTHING : logLevel.INFO,
      logCreator: () => (entry) => writeLog(log, entry),
    });
  const connectBroker: KafkaClient['connectBroker'] = (address, requestTimeoutMs) =>
    openBrokerConnection(open({ requestTimeoutMs, silent: true }), address, requestTimeoutMs);
  return { settings, log, open, connectBroker };
}

function securityOf(settings: KafkaSettings): Partial<KafkaConfig> {
  const { ssl, sasl } = settings;
  return {
    ...(ssl ? { ssl: ssl === true ? true : { ...ssl, ca: ssl.ca === undefined ? undefined : [ssl.ca] } } : {}),
    ...(sasl ? { sasl: sasl as SASLOptions } : {}),
  };
}

/** kafkajs reports as errors what its own retries then mend; here those are warnings, and what it does is debug. */
function writeLog(log: Log, { namespace, level, log: entry }: LogEntry): void {
  const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = entry;
  const text = `kafka ${namespace}: ${message}`;
  if (level === logLevel.ERROR || level === logLevel.WARN) log.warn(fields, text);
  else log.debug(fields, text);
}
