import { setTimeout as pause } from 'node:timers/promises';
import { buildWebhookPayload } from '@bridge/schemas';
import { signed } from '../world/webhook-sender.ts';
import type { ChaosConversation } from './conversations.ts';
import type { SentWebhook } from './evidence.ts';
import { createSteadyLoad } from './steady-load.ts';

const againMs = 250;
const patienceMs = 15_000;

/**
 * Sends webhooks as a careful NicoChat would: one after the other within a conversation, the same bytes again until they
 * are answered 200, and each with an id of its own.
 */
export function createWebhookLoad(options: { conversations: ChaosConversation[]; rate: number }) {
  const sent: SentWebhook[] = [];

  async function send(conversation: ChaosConversation, number: number): Promise<void> {
    const { connection, id, key } = conversation;
    const payload = buildWebhookPayload(
      'chatwoot',
      { kind: 'text', text: `webhook ${number}` },
      {
        conversationId: id,
        contactId: 'cliente-77',
        messageId: `${id}${String(number).padStart(6, '0')}`,
        author: 'bot',
      },
    );
    const body = JSON.stringify(payload);
    const webhook: SentWebhook = { key, number, refusals: [], accepted: false };
    sent.push(webhook);
    while (!load.isStopped()) {
      const from = Date.now();
      const status = await post(connection.webhookUrl, body, signed(connection, body));
      if (status === 200) {
        webhook.accepted = true;
        return;
      }
      webhook.refusals.push({ from, to: Date.now(), ...(status !== undefined && { status }) });
      await pause(againMs);
    }
  }
  const load = createSteadyLoad({ ...options, send });
  return { ...load, sent };
}

/** The status, undefined when there was no answer. */
async function post(url: string, body: string, headers: Record<string, string>): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(patienceMs),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}
