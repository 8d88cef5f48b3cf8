import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../world/bridge-folder.ts';
import { postWebhook } from '../world/webhook-sender.ts';
import { goodBody } from './attack.ts';

const everyMs = 50;
const patienceMs = 60_000;

/** Sends webhooks as they should be, one after the other, until it is stopped. */
export function startGoodWebhooks(connection: Connection) {
  const answers = new Map<string, number>();
  const accepted = new Set<string>();
  const end = new AbortController();

  async function send(content: string): Promise<string> {
    const late = pause(patienceMs, `nothing within ${patienceMs / 1_000} s`, { ref: false });
    const reply = postWebhook(connection, goodBody(content)).then(
      ({ status }) => String(status),
      (error: unknown) => `an error: ${String(error instanceof Error ? (error.cause ?? error) : error)}`,
    );
    return Promise.race([reply, late]);
  }

  async function sendAll(): Promise<void> {
    for (let count = 1; !end.signal.aborted; count += 1) {
      const answer = await send(`good ${count}`);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      if (answer === '200') accepted.add(`good ${count}`);
      await pause(everyMs);
    }
  }

  const sending = sendAll();
  return {
    answers,
    async stop(): Promise<Set<string>> {
      end.abort();
      await sending;
      return accepted;
    },
  };
}
