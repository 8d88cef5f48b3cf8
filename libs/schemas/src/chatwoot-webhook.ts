import { z } from 'zod';
import type { Button } from './inbound-message.ts';
import { openObject } from './open-object.ts';
import type { KnownMessage, WebhookContext } from './webhook-payloads.ts';

/**
 * Candidate A of what NicoChat posts to the webhook: Chatwoot's message_created. Inferred: the documented bodies to
 * `bot_url` are Chatwoot's, so the way back may be too. NicoChat documents that the seven kinds exist and no field of them.
 */
const envelope = {
  event: z.literal('message_created'),
  id: z.union([z.int(), z.string()]).optional(),
  message_type: z.union([z.literal('outgoing'), z.literal(1)]),
  content: z.string().nullish(),
  private: z.boolean().optional(),
  conversation_id: z.union([z.int(), z.string()]),
  sender: openObject({ type: z.enum(['agent_bot', 'user']) }),
};

const action = openObject({
  type: z.string(),
  text: z.string(),
  payload: z.string().optional(),
  uri: z.string().optional(),
});
const card = openObject({
  title: z.string(),
  description: z.string().optional(),
  media_url: z.string().optional(),
  actions: z.array(action),
});
const media = (kind: 'image' | 'audio' | 'video' | 'file') =>
  openObject({
    ...envelope,
    attachments: z.array(openObject({ file_type: z.literal(kind), data_url: z.string() })).min(1),
  });

/** By kind; inferred from Chatwoot. */
export const chatwootWebhookSchemas = {
  text: openObject({ ...envelope, content: z.string().min(1), content_type: z.literal('text').optional() }),
  buttons: openObject({
    ...envelope,
    content_type: z.literal('input_select'),
    content_attributes: openObject({
      items: z.array(openObject({ title: z.string(), value: z.string() })).min(1),
    }),
  }),
  cards: openObject({
    ...envelope,
    content_type: z.literal('cards'),
    content_attributes: openObject({ items: z.array(card).min(1) }),
  }),
  image: media('image'),
  audio: media('audio'),
  video: media('video'),
  file: media('file'),
};

/** Writes a message in candidate A. Internal to the library: see buildWebhookPayload. */
export function buildChatwootWebhook(message: KnownMessage, context: WebhookContext) {
  const number = Number(context.conversationId);
  const conversationId =
    Number.isSafeInteger(number) && String(number) === context.conversationId ? number : context.conversationId;
  return {
    event: 'message_created',
    ...(context.messageId === undefined ? {} : { id: context.messageId }),
    message_type: 'outgoing',
    ...content(message),
    private: false,
    conversation_id: conversationId,
    conversation: { id: conversationId, contact_inbox: { source_id: context.contactId } },
    sender:
      context.author === 'bot' ? { id: 9, name: 'Bot', type: 'agent_bot' } : { id: 7, name: 'Agente', type: 'user' },
  };
}

function content(message: KnownMessage) {
  switch (message.kind) {
    case 'text':
      return { content: message.text, content_type: 'text', content_attributes: {} };
    case 'buttons':
      return {
        content: message.text,
        content_type: 'input_select',
        content_attributes: { items: message.buttons.map(writeItem) },
      };
    case 'cards':
      return {
        content: '',
        content_type: 'cards',
        content_attributes: {
          items: message.cards.map(({ title, subtitle, imageUrl, buttons }) => ({
            media_url: imageUrl,
            title,
            description: subtitle,
            actions: buttons.map(writeAction),
          })),
        },
      };
    default:
      return {
        content: message.caption ?? '',
        content_type: 'text',
        content_attributes: {},
        attachments: [
          {
            file_type: message.kind,
            data_url: message.url,
            thumb_url: '',
            file_size: message.sizeBytes,
            fallback_title: message.name,
          },
        ],
      };
  }
}

/** Chatwoot's options are answers only; a link or a phone number among them borrows the words of a card's action. */
function writeItem(button: Button) {
  if (button.kind === 'postback') return { title: button.title, value: button.payload };
  const { text, ...rest } = writeAction(button);
  return { title: text, value: button.kind === 'url' ? button.url : button.phone, ...rest };
}

function writeAction(button: Button) {
  switch (button.kind) {
    case 'postback':
      return { type: 'postback', text: button.title, payload: button.payload };
    case 'url':
      return { type: 'link', text: button.title, uri: button.url };
    default:
      return { type: 'phone_number', text: button.title, payload: button.phone };
  }
}
