import { connectKafka, waitForTopics } from '@bridge/kafka';
import type { KafkaClient, Log } from '@bridge/kafka';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { readKafkaSettings } from './settings.ts';

const patienceMs = 2_000;

/**
 * A client for a broker that has just answered and has the `topics`.
 * Throws a BrokerUnreachableError (exit 69) or, for missing topics, a TopicError (exit 78).
 */
export async function openKafka(
  command: Command,
  context: CommandContext,
  topics: string[] = [],
): Promise<{ client: KafkaClient; partitions: Map<string, number> }> {
  const { kafka, debug } = readKafkaSettings(command, context);
  const client = connectKafka({ settings: kafka, clientId: 'bridge-cli', log: debug ? noteLog(context) : silentLog });
  const waiting = setTimeout(() => {
    context.note(`Waiting for Kafka at ${kafka.brokers.join(', ')}, ${kafka.startupTimeoutMs / 1000} s at most…`);
  }, patienceMs);
  try {
    return { client, partitions: await waitForTopics(client, topics) };
  } finally {
    clearTimeout(waiting);
  }
}

const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function noteLog({ note }: CommandContext): Log {
  const write = (level: string) => (fields: object, message: string) =>
    note(`${level} ${message} ${JSON.stringify(fields)}`);
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
