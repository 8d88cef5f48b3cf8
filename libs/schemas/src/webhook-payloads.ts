import { buildChatwootWebhook, chatwootWebhookSchemas } from './chatwoot-webhook.ts';
import type { InboundMessage } from './inbound-message.ts';
import { parseJson, stringifyJson } from './lossless-json.ts';
import { buildMessengerWebhook, messengerWebhookSchemas } from './messenger-webhook.ts';
import { buildUchatWebhook, uchatWebhookSchemas } from './uchat-webhook.ts';

/** A message that can be written as a webhook. */
export type KnownMessage = Exclude<InboundMessage, { kind: 'unknown' }>;

/** What surrounds a message. Each shape takes what it has a place for. */
export interface WebhookContext {
  conversationId: string;
  contactId: string;
  messageId?: string | undefined;
  author: 'bot' | 'agent';
}

/**
 * The candidate shapes of NicoChat's deliveries, a schema for each of the seven kinds. None of them is documented: they
 * say what the simulator sends and what the normaliser is tested with, never what to refuse.
 */
export const webhookPayloadSchemas = {
  chatwoot: chatwootWebhookSchemas,
  messenger: messengerWebhookSchemas,
  uchat: uchatWebhookSchemas,
};
export type WebhookShape = keyof typeof webhookPayloadSchemas;

const builders = { chatwoot: buildChatwootWebhook, messenger: buildMessengerWebhook, uchat: buildUchatWebhook };

/**
 * Writes a message as NicoChat might deliver it, in one of the inferred shapes; the way back is normalizeWebhook.
 * @param message of any kind but `unknown`; what a shape has no word for (Messenger: a file's name) is left out
 * @returns plain JSON data, without undefined
 */
export function buildWebhookPayload(shape: WebhookShape, message: KnownMessage, context: WebhookContext): object {
  return parseJson(stringifyJson(builders[shape](message, context))) as object;
}
