/**
 * Where the normaliser looks for each field of a webhook: the first path that leads to a usable value wins; null and ""
 * count as absent. NicoChat documents no field of these payloads, so every line is INFERRED, from Chatwoot (the
 * documented bodies to `bot_url` are Chatwoot's), from Messenger (the headings of NicoChat's page) or from UChat's other
 * APIs. When a recorded live payload differs, add its path here, in front: no code changes.
 *
 * A path is the names from the item inwards, joined by dots. A path with `when` counts only if that condition holds.
 */
export interface Condition {
  readonly path: string;
  /** Any of these values; words in any case, numbers as numbers or text. */
  readonly is?: readonly (string | number | boolean)[];
  /** A number greater than this one. */
  readonly above?: number;
}
export type Path = string | { readonly path: string; readonly when: Condition };

const isContact: Condition = { path: 'sender.type', is: ['contact'] };
const isOurSide: Condition = { path: 'sender.type', is: ['user', 'agent', 'agent_bot', 'bot'] };

/** Fields of a whole item: one message and what surrounds it. */
export const itemPaths = {
  contactId: [
    'recipient.id',
    'contact.id',
    'receiver.id',
    'to',
    'user_id',
    'meta.user_id',
    'conversation.contact_inbox.source_id',
    'conversation.meta.sender.id',
    { path: 'sender.id', when: isContact },
    'meta.user_ns',
    'user_ns',
  ],
  contactName: [
    'recipient.name',
    'contact.name',
    'receiver.name',
    'conversation.meta.sender.name',
    { path: 'sender.name', when: isContact },
  ],
  conversationId: ['conversation_id', 'conversation.id', 'conversation.display_id', 'message.conversation_id'],
  messageId: ['id', 'message_id', 'message.mid', 'mid', 'message._id'],
  authorId: [
    { path: 'sender.id', when: isOurSide },
    { path: 'agent_id', when: { path: 'agent_id', above: 0 } },
    { path: 'message.agent_id', when: { path: 'message.agent_id', above: 0 } },
    { path: 'meta.agent_id', when: { path: 'meta.agent_id', above: 0 } },
  ],
  authorName: [{ path: 'sender.name', when: isOurSide }],
  text: [
    'content',
    'message.text',
    'text',
    'payload.text',
    'message.attachment.payload.text',
    'attachment.payload.text',
    'message.payload.text',
    'message.content',
  ],
  contentType: ['content_type', 'message.content_type'],
  /** What Chatwoot's cards and options are listed under; content_type says which of the two. */
  items: ['content_attributes.items', 'message.content_attributes.items'],
  attachments: ['attachments', 'message.attachments', 'message.attachment', 'attachment'],
  /** What may be a template: something with `template_type`, or simply with cards or buttons. */
  templates: ['payload', 'message.payload', '', 'message'],
  messageType: ['msg_type', 'message.msg_type', 'type', 'message.type'],
  /** What holds a medium whose kind is in messageType. */
  media: ['payload', 'message.payload', '', 'message'],
} satisfies Record<string, readonly Path[]>;

/** Fields inside a template, a card, a button or an attachment. "" is the thing itself. */
export const partPaths = {
  templateType: ['template_type'],
  templateText: ['text'],
  cards: ['elements', 'cards'],
  buttons: ['buttons'],
  cardTitle: ['title'],
  cardSubtitle: ['subtitle', 'description'],
  cardImageUrl: ['image_url', 'media_url'],
  cardButtons: ['buttons', 'actions'],
  buttonType: ['type'],
  buttonTitle: ['title', 'text', 'caption'],
  buttonPayload: ['payload', 'value', 'target'],
  buttonUrl: ['url', 'uri'],
  buttonPhone: ['phone', 'phone_number', 'payload', 'value', 'target'],
  attachmentTemplate: ['payload', ''],
  mediaKind: ['file_type', 'type'],
  mediaUrl: ['data_url', 'payload.url', 'url', 'external_url'],
  mediaName: ['name', 'file_name', 'filename', 'fallback_title', 'payload.name'],
  mediaType: ['mime_type', 'payload.mime_type'],
  mediaSize: ['file_size', 'size', 'payload.size'],
  mediaCaption: ['caption', 'payload.caption'],
} satisfies Record<string, readonly Path[]>;

/** First rule that holds says who wrote; none: `unknown`. */
export const authorRules: readonly { author: 'bot' | 'agent'; when: Condition }[] = [
  { author: 'agent', when: { path: 'sender.type', is: ['user', 'agent'] } },
  { author: 'agent', when: { path: 'type', is: ['agent'] } },
  { author: 'agent', when: { path: 'message.type', is: ['agent'] } },
  { author: 'agent', when: { path: 'agent_id', above: 0 } },
  { author: 'agent', when: { path: 'message.agent_id', above: 0 } },
  { author: 'bot', when: { path: 'sender.type', is: ['agent_bot', 'bot'] } },
  { author: 'bot', when: { path: 'type', is: ['out'] } },
  { author: 'bot', when: { path: 'message.type', is: ['out'] } },
  // Last, because it may name the agent that the conversation is assigned to while the bot answers.
  { author: 'agent', when: { path: 'meta.agent_id', above: 0 } },
];

/**
 * First rule that holds says which way a message went. `in` is what the end user wrote, coming back: an echo, dropped
 * and counted. Numbers are Chatwoot's for the same words.
 */
export const directionRules: readonly { direction: 'in' | 'out'; when: Condition }[] = [
  { direction: 'in', when: { path: 'message_type', is: ['incoming', 0] } },
  { direction: 'in', when: { path: 'message.message_type', is: ['incoming', 0] } },
  { direction: 'in', when: { path: 'type', is: ['in'] } },
  { direction: 'in', when: { path: 'message.type', is: ['in'] } },
  { direction: 'out', when: { path: 'message_type', is: ['outgoing', 1, 'activity', 2, 'template', 3] } },
  { direction: 'out', when: { path: 'message.message_type', is: ['outgoing', 1, 'activity', 2, 'template', 3] } },
  { direction: 'out', when: { path: 'type', is: ['out', 'agent'] } },
  { direction: 'out', when: { path: 'message.type', is: ['out', 'agent'] } },
];

/** What is not meant for the end user (a note among agents): published as `unknown`, so that nobody shows it as a text. */
export const privateRules: readonly Condition[] = [
  { path: 'private', is: [true] },
  { path: 'message.private', is: [true] },
];

/** What each word for a button or a medium means, in lower case. A button of any other type is a postback. */
export const words = {
  button: { link: 'url', url: 'url', web_url: 'url', phone_number: 'phone', call: 'phone' },
  media: { image: 'image', audio: 'audio', video: 'video', file: 'file' },
} as const;
