import { z } from 'zod';
import type { Button } from './inbound-message.ts';
import { openObject } from './open-object.ts';
import type { KnownMessage, WebhookContext } from './webhook-payloads.ts';

/**
 * Candidate C of what NicoChat posts to the webhook: the words of UChat, which NicoChat rebrands. Inferred from UChat's
 * chat message (`type: in | out | agent`, `msg_type`, `payload`), its live-chat webhook (`meta` beside `message`) and its
 * dynamic content (buttons `url | call | node` with a `caption`, `elements` of cards). It has no conversation either.
 */
const button = openObject({
  type: z.enum(['url', 'call', 'node']),
  caption: z.string(),
  url: z.string().optional(),
  phone: z.string().optional(),
  target: z.string().optional(),
});
const card = openObject({
  title: z.string(),
  subtitle: z.string().optional(),
  image_url: z.string().optional(),
  buttons: z.array(button),
});

const wrapped = <Payload extends z.ZodType>(msgType: string, payload: Payload) =>
  openObject({
    meta: openObject({ user_ns: z.string(), agent_id: z.int() }),
    message: openObject({ type: z.enum(['out', 'agent']), msg_type: z.literal(msgType), payload }),
  });
const media = (kind: string) => wrapped(kind, openObject({ url: z.string() }));

/** By kind; inferred from UChat's other APIs. */
export const uchatWebhookSchemas = {
  text: wrapped('text', openObject({ text: z.string().min(1) })),
  buttons: wrapped('text', openObject({ text: z.string(), buttons: z.array(button).min(1) })),
  cards: wrapped('cards', openObject({ elements: z.array(card).min(1) })),
  image: media('image'),
  audio: media('audio'),
  video: media('video'),
  file: media('file'),
};

/** Writes a message in candidate C. Internal to the library: see buildWebhookPayload. */
export function buildUchatWebhook(message: KnownMessage, context: WebhookContext) {
  const agentId = context.author === 'agent' ? 7 : 0;
  return {
    meta: { user_ns: context.contactId, agent_id: agentId, flow_ns: 'f1', team_id: 1 },
    message: {
      ...(context.messageId === undefined ? {} : { _id: context.messageId, mid: context.messageId }),
      type: context.author === 'agent' ? 'agent' : 'out',
      ...content(message),
      agent_id: agentId,
    },
  };
}

function content(message: KnownMessage) {
  switch (message.kind) {
    case 'text':
      return { msg_type: 'text', content: message.text, payload: { text: message.text } };
    case 'buttons':
      return {
        msg_type: 'text',
        content: message.text,
        payload: { text: message.text, buttons: message.buttons.map(writeButton) },
      };
    case 'cards':
      return {
        msg_type: 'cards',
        content: '',
        payload: {
          elements: message.cards.map(({ title, subtitle, imageUrl, buttons }) => ({
            title,
            subtitle,
            image_url: imageUrl,
            buttons: buttons.map(writeButton),
          })),
        },
      };
    default:
      return {
        msg_type: message.kind,
        content: message.caption ?? '',
        payload: { url: message.url, name: message.name, mime_type: message.mimeType, size: message.sizeBytes },
      };
  }
}

function writeButton(from: Button) {
  switch (from.kind) {
    case 'postback':
      return { type: 'node', caption: from.title, target: from.payload };
    case 'url':
      return { type: 'url', caption: from.title, url: from.url };
    default:
      return { type: 'call', caption: from.title, phone: from.phone };
  }
}
