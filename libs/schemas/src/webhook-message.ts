import type { InboundMessage } from './inbound-message.ts';
import { asList, asObject, asSize, asString, firstHit, holds } from './read-path.ts';
import { itemPaths, partPaths, privateRules, words } from './webhook-paths.ts';
import { isTemplate, looksLikeCards, readButtons, readCards, readTemplate, wordFor } from './webhook-template.ts';

type Media = Extract<InboundMessage, { url: string }>;
type Detector = (item: object) => readonly InboundMessage[] | undefined;

const unknown: InboundMessage = { kind: 'unknown' };

/**
 * What an item of a delivery says. First detector that finds something wins; one message, unless the item has several
 * attachments: then one each, in order, the item's text as the caption of the first medium.
 */
export function readMessages(item: unknown): readonly InboundMessage[] {
  const object = asObject(item);
  if (object === undefined || privateRules.some((rule) => holds(object, rule))) return [unknown];
  for (const detect of detectors) {
    const messages = detect(object);
    if (messages !== undefined) return messages;
  }
  return [unknown];
}

const detectors: readonly Detector[] = [
  (item) => (attachmentsOf(item).some(isTemplateAttachment) ? readAttachments(item) : undefined),
  (item) => only(firstHit(item, itemPaths.templates, (holder) => templateIn(holder, item, isTemplate))),
  (item) => only(readItems(item)),
  (item) => readAttachments(item),
  (item) => only(readTypedMedia(item)),
  (item) => only(firstHit(item, itemPaths.templates, (holder) => templateIn(holder, item, () => true))),
  (item) => only(readText(item)),
];

const only = (message: InboundMessage | undefined): readonly InboundMessage[] | undefined => message && [message];

const textOf = (item: object): string | undefined => firstHit(item, itemPaths.text, asString);

function readText(item: object): InboundMessage | undefined {
  const text = textOf(item);
  return text === undefined ? undefined : { kind: 'text', text };
}

function templateIn(holder: unknown, item: object, test: (holder: unknown) => boolean): InboundMessage | undefined {
  return asObject(holder) && test(holder) ? readTemplate(holder, textOf(item)) : undefined;
}

/** Chatwoot's cards and options. Other content types with items (a form, an article) are none of the seven kinds. */
function readItems(item: object): InboundMessage | undefined {
  const list = firstHit(item, itemPaths.items, asList);
  const type = firstHit(item, itemPaths.contentType, asString)?.toLowerCase();
  if (list === undefined) return undefined;
  if (type === 'cards' || (type === undefined && looksLikeCards(list))) return readCards(list);
  return type === 'input_select' || type === undefined ? readButtons(list, textOf(item)) : undefined;
}

function attachmentsOf(item: object): readonly unknown[] {
  return firstHit(item, itemPaths.attachments, (value) => asList(value) ?? (asObject(value) && [value])) ?? [];
}

function isTemplateAttachment(attachment: unknown): boolean {
  return firstHit(attachment, partPaths.attachmentTemplate, (holder) => isTemplate(holder) || undefined) ?? false;
}

/** Undefined when none of the attachments is recognised: then the item's text, if any, is its message. */
function readAttachments(item: object): readonly InboundMessage[] | undefined {
  let caption = textOf(item);
  const found = attachmentsOf(item).map((attachment) => {
    const message = readAttachment(attachment, caption, item);
    if (message !== undefined && 'url' in message) caption = undefined;
    return message;
  });
  return found.some(Boolean) ? found.map((message) => message ?? unknown) : undefined;
}

function readAttachment(attachment: unknown, caption: string | undefined, item: object): InboundMessage | undefined {
  const template = (test: (holder: unknown) => boolean) =>
    firstHit(attachment, partPaths.attachmentTemplate, (holder) => templateIn(holder, item, test));
  const kind = firstHit(attachment, partPaths.mediaKind, (word) => wordFor(words.media, word));
  return template(isTemplate) ?? (kind && readMedia(kind, attachment, caption)) ?? template(() => true);
}

/** A medium whose kind is the type of the message itself. Its address may be the text. */
function readTypedMedia(item: object): InboundMessage | undefined {
  const kind = firstHit(item, itemPaths.messageType, (word) => wordFor(words.media, word));
  const text = textOf(item);
  if (kind === undefined) return undefined;
  const media = firstHit(item, itemPaths.media, (holder) => readMedia(kind, holder, text));
  return media ?? (text !== undefined && /^https?:\/\/\S+$/i.test(text) ? { kind, url: text } : undefined);
}

function readMedia(kind: Media['kind'], from: unknown, text: string | undefined): Media | undefined {
  const url = firstHit(from, partPaths.mediaUrl, asString);
  if (url === undefined) return undefined;
  const name = firstHit(from, partPaths.mediaName, asString);
  const mimeType = firstHit(from, partPaths.mediaType, asString);
  const sizeBytes = firstHit(from, partPaths.mediaSize, asSize);
  const caption = firstHit(from, partPaths.mediaCaption, asString) ?? text;
  return {
    kind,
    url,
    ...(name === undefined ? {} : { name }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(caption === undefined || caption === url ? {} : { caption }),
  };
}
