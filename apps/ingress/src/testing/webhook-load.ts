import { setTimeout as pause } from 'node:timers/promises';
import { signed } from './test-connection.ts';

/** A webhook that was sent: its place in its conversation, and the answer's status; undefined when none came. */
export type SentWebhook = { conversation: number; place: number; status: number | undefined };

/**
 * Sends without an end, in so many conversations at once, numbered from `first`; each waits for the answer to its last webhook, or for the end
 * of the connection, then for `pauseMs`. `urlOf` is asked each time.
 */
export function startWebhookLoad(urlOf: () => string, { first = 0, conversations = 20, pauseMs = 50 } = {}) {
  const sent: SentWebhook[] = [];
  const stopping = new AbortController();

  async function converse(conversation: number): Promise<void> {
    for (let place = 0; !stopping.signal.aborted; place += 1) {
      const body = JSON.stringify({ content: String(place), conversation_id: conversation });
      const reply = await fetch(urlOf(), { method: 'POST', body, headers: signed(body) }).catch(() => undefined);
      await reply?.body?.cancel();
      sent.push({ conversation, place, status: reply?.status });
      await pause(pauseMs);
    }
  }

  const conversing = Promise.all(Array.from({ length: conversations }, (_, index) => converse(first + index)));
  return {
    sent,
    async stop(): Promise<void> {
      stopping.abort();
      await conversing;
    },
  };
}
