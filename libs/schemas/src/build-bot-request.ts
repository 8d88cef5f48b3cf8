import type { BotMediaRequest, BotRequest } from './bot-request.ts';
import type { OutgoingMessage, SendCommand } from './send-command.ts';

type OutgoingMedia = Extract<OutgoingMessage, { url: string }>;
type MediaBody = Pick<BotMediaRequest, 'content' | 'attachments'>;

/** How media are written. NicoChat's page shows no body for them, so another shape is another entry here. */
const mediaShapes = {
  'chatwoot-attachments': ({ kind, url, name, caption }: OutgoingMedia): MediaBody => ({
    content: caption ?? '',
    attachments: [
      {
        file_type: kind,
        data_url: url,
        // Chatwoot names only files; for an image, an audio or a video it has no such field.
        ...(kind === 'file' && name ? { fallback_title: name } : {}),
      },
    ],
  }),
} as const;

export interface BotRequestOptions {
  /** `number` as documented, or `string` where a connection's conversation ids are not numbers. */
  conversationId: 'number' | 'string';
  mediaShape: keyof typeof mediaShapes;
}

/**
 * The body for `bot_url` that a send command asks for. The order of its keys is that of the documented samples, so
 * JSON.stringify(body) gives the bytes to send. A contact without a name is sent under its id.
 * @returns `rejected` with the reason when the conversation id can't be written as the documented number: it must be
 *   decimal digits, without leading zeros (007 and 7 would become one conversation), at most 2^53 - 1
 */
export function buildBotRequest(
  command: SendCommand,
  options: BotRequestOptions,
): { kind: 'built'; body: BotRequest } | { kind: 'rejected'; reason: string } {
  const { contact, message } = command;
  const conversationId = writeConversationId(command.conversation.id, options.conversationId);
  if (conversationId === undefined) return { kind: 'rejected', reason: 'conversation-id-not-a-number' };

  const envelope = {
    message_type: 'incoming',
    sender: {
      id: contact.id,
      name: contact.name || contact.id,
      email: contact.email ?? '',
      phone_number: contact.phone ?? '',
      type: 'contact',
    },
    conversation_id: conversationId,
  } as const;
  return { kind: 'built', body: buildBody(message, envelope, options.mediaShape) };
}

function buildBody(
  message: OutgoingMessage,
  envelope: Omit<BotMediaRequest, 'content' | 'event' | 'attachments'>,
  mediaShape: BotRequestOptions['mediaShape'],
): BotRequest {
  if (message.kind === 'text') return { content: message.text, ...envelope, event: 'message_created' };
  if (message.kind === 'button') {
    const { title, payload } = message;
    return { content: title, ...envelope, event: 'message_postback', submitted_values: [{ title, payload }] };
  }
  const { content, attachments } = mediaShapes[mediaShape](message);
  return { content, ...envelope, event: 'message_created', attachments };
}

function writeConversationId(id: string, as: 'number' | 'string'): number | string | undefined {
  if (as === 'string') return id;
  const number = Number(id);
  return Number.isSafeInteger(number) && String(number) === id && number >= 0 ? number : undefined;
}
