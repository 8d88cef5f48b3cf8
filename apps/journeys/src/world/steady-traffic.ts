import { setTimeout as pause } from 'node:timers/promises';
import type { ChannelMessage, SendResult } from '@bridge/schemas';
import type { Connection } from './bridge-folder.ts';
import type { Journey } from './journey.ts';
import { commandRecord, resultOf, sendCommand } from './send-commands.ts';
import { postWebhook } from './webhook-sender.ts';

/** What became of the traffic, in the order in which it was sent. */
export type TrafficReport = {
  webhooks: { text: string; status: number }[];
  /** The texts of its channel messages, in their order. */
  messages: string[];
  /** Of each command all its results. */
  results: SendResult[][];
};

/**
 * One conversation's webhooks and send commands, one after the other and without a pause worth mentioning, until it is
 * stopped; and what became of each of them.
 */
export function startTraffic(world: Journey, connection: Connection, conversation: string) {
  const { names, publish, until } = world.topics;
  const webhooks: TrafficReport['webhooks'] = [];
  const commands: string[] = [];
  const stopping = new AbortController();

  async function sendWebhooks(): Promise<void> {
    for (let number = 0; !stopping.signal.aborted; number += 1, await pause(20)) {
      const text = `${conversation} ${number}`;
      const body = { message_type: 'outgoing', id: text, content: text, conversation_id: Number(conversation) };
      const { status } = await postWebhook(connection, JSON.stringify(body));
      webhooks.push({ text, status });
    }
  }

  async function sendCommands(): Promise<void> {
    for (; !stopping.signal.aborted; await pause(20)) {
      const command = sendCommand({ connection: connection.id, conversation, message: String(commands.length) });
      await publish([commandRecord(names.sendCommands, command)]);
      commands.push(command.id);
    }
  }

  const running = Promise.all([sendWebhooks(), sendCommands()]);
  return {
    sent: () => Math.min(webhooks.length, commands.length),
    async stop(): Promise<void> {
      stopping.abort();
      await running;
    },
    async report(): Promise<TrafficReport> {
      const key = `${connection.id}/${conversation}`;
      const kept = webhooks.filter(({ status }) => status === 200);
      const messages = await until(names.channelMessages, `all messages of ${key}`, (records) => {
        const own = records.filter((record) => record.key === key);
        return own.length >= kept.length && own.map(({ value }) => textOf(JSON.parse(value ?? '') as ChannelMessage));
      });
      const results = await until(names.sendResults, `all results of ${key}`, (records) => {
        const own = records.filter((record) => record.key === key).map(resultOf);
        const byCommand = commands.map((id) => own.filter(({ commandId }) => commandId === id));
        return byCommand.every(({ length }) => length > 0) && byCommand;
      });
      return { webhooks, messages, results };
    },
  };
}

const textOf = ({ message }: ChannelMessage) => (message.kind === 'text' ? message.text : message.kind);
