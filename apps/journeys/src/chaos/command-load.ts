import { setTimeout as pause } from 'node:timers/promises';
import { partitionOf } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';
import { commandRecord, sendCommand } from '../world/send-commands.ts';
import type { ChaosConversation } from './conversations.ts';
import type { ProducedCommand } from './evidence.ts';
import { createSteadyLoad } from './steady-load.ts';

const afterFailureMs = 500;

/**
 * Produces send commands, acknowledged by all replicas, one after the other within a conversation. What is not
 * acknowledged is not produced again: it may be in the topic, or not.
 */
export function createCommandLoad(options: {
  client: KafkaClient;
  topic: string;
  partitions: number;
  conversations: ChaosConversation[];
  rate: number;
}) {
  const { client, topic, partitions } = options;
  const produced: ProducedCommand[] = [];
  let producer = open();

  async function open() {
    const opened = client.open({ retries: 0, requestTimeoutMs: 8_000 }).producer({ allowAutoTopicCreation: false });
    await opened.connect().catch(() => undefined);
    return opened;
  }

  async function send({ connection, id, key }: ChaosConversation, number: number): Promise<void> {
    // The bot gets it as the text, so that what it received tells which command it was.
    const commandId = `${id}-${number}`;
    const command = sendCommand({ connection: connection.id, conversation: id, message: commandId, id: commandId });
    const { value, headers } = commandRecord(topic, command);
    const one: ProducedCommand = { id: commandId, key, acked: false };
    produced.push(one);
    const used = producer;
    try {
      const message = { key, value, headers, partition: partitionOf(key, partitions) } as const;
      await (await used).send({ topic, acks: -1, timeout: 8_000, messages: [message] });
      one.acked = true;
    } catch {
      await pause(afterFailureMs);
      // A producer whose send failed is not used again; the first to notice opens the next one.
      if (producer !== used) return;
      producer = open();
      await (await used).disconnect().catch(() => undefined);
    }
  }

  const load = createSteadyLoad({ ...options, send });
  return {
    ...load,
    produced,
    async close(): Promise<void> {
      await (await producer).disconnect().catch(() => undefined);
    },
  };
}
