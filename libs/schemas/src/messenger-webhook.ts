import { z } from 'zod';
import type { Button } from './inbound-message.ts';
import { openObject } from './open-object.ts';
import type { KnownMessage, WebhookContext } from './webhook-payloads.ts';

/**
 * Candidate B of what NicoChat posts to the webhook: Messenger's send body. Inferred from the headings of NicoChat's
 * page alone ("Button Template", "Generic Template"). Pure Messenger knows neither a conversation nor whether a bot or a
 * human wrote, so such events are kept in order by contact, their author unknown.
 */
const recipient = openObject({ id: z.string().min(1) });
const button = openObject({
  type: z.enum(['postback', 'web_url', 'phone_number']),
  title: z.string(),
  payload: z.string().optional(),
  url: z.string().optional(),
});
const element = openObject({
  title: z.string(),
  subtitle: z.string().optional(),
  image_url: z.string().optional(),
  buttons: z.array(button).optional(),
});

const attachment = <Payload extends z.ZodType>(type: string, payload: Payload) =>
  openObject({ recipient, message: openObject({ attachment: openObject({ type: z.literal(type), payload }) }) });
const media = (kind: string) => attachment(kind, openObject({ url: z.string() }));

/** By kind; inferred from Messenger. */
export const messengerWebhookSchemas = {
  text: openObject({ recipient, message: openObject({ text: z.string().min(1) }) }),
  buttons: attachment(
    'template',
    openObject({ template_type: z.literal('button'), text: z.string(), buttons: z.array(button).min(1) }),
  ),
  cards: attachment('template', openObject({ template_type: z.literal('generic'), elements: z.array(element).min(1) })),
  image: media('image'),
  audio: media('audio'),
  video: media('video'),
  file: media('file'),
};

/** Writes a message in candidate B. Internal to the library: see buildWebhookPayload. */
export function buildMessengerWebhook(message: KnownMessage, context: WebhookContext) {
  return {
    recipient: { id: context.contactId },
    message: {
      ...(context.messageId === undefined ? {} : { mid: context.messageId }),
      ...content(message),
    },
  };
}

function content(message: KnownMessage) {
  switch (message.kind) {
    case 'text':
      return { text: message.text };
    case 'buttons':
      return template({ template_type: 'button', text: message.text, buttons: message.buttons.map(writeButton) });
    case 'cards':
      return template({
        template_type: 'generic',
        elements: message.cards.map(({ title, subtitle, imageUrl, buttons }) => ({
          title,
          subtitle,
          image_url: imageUrl,
          buttons: buttons.map(writeButton),
        })),
      });
    default:
      return {
        // Messenger has no caption; the text beside the attachment is where one would be.
        ...(message.caption === undefined ? {} : { text: message.caption }),
        attachment: { type: message.kind, payload: { url: message.url } },
      };
  }
}

const template = (payload: object) => ({ attachment: { type: 'template', payload } });

function writeButton(from: Button) {
  switch (from.kind) {
    case 'postback':
      return { type: 'postback', title: from.title, payload: from.payload };
    case 'url':
      return { type: 'web_url', title: from.title, url: from.url };
    default:
      return { type: 'phone_number', title: from.title, payload: from.phone };
  }
}
