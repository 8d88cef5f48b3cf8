import type { InboundEvent } from './inbound-event.ts';
import { asId, asText, firstHit, holds, type Accept } from './read-path.ts';
import { bytesOf, listItems, maxItems, maxRawBytes, type WebhookItem } from './webhook-items.ts';
import { readMessages } from './webhook-message.ts';
import { authorRules, directionRules, itemPaths, type Condition, type Path } from './webhook-paths.ts';

/** What the bridge makes of one message of a delivery; the ingress adds what it knows of the receipt. */
export type NormalizedEvent = Pick<InboundEvent, 'conversation' | 'contact' | 'author' | 'message' | 'raw'> & {
  /** NicoChat's id of the message, where one was found. */
  messageId?: string;
  /** Position among the events of the delivery, from 0. */
  index: number;
};

/**
 * Makes events of a delivery, whatever its shape: never throws, never refuses. What is not recognised becomes an event of
 * kind `unknown`; what the end user wrote and NicoChat sends back is dropped and counted as an echo. `raw` is the value
 * given, or the part of it that the event came from, not copied.
 *
 * NicoChat documents that a bot's or an agent's reply in seven kinds is posted, but no field of it: how they are found is
 * inferred, and is data in webhook-paths.ts.
 * @param payload of parseJson, so that ids beyond 2^53 keep their digits
 */
export function normalizeWebhook(payload: unknown): { events: NormalizedEvent[]; echoes: number } {
  const items = listItems(payload);
  const kept = items?.filter((item) => !isEcho(item));
  const events = kept && readEvents(kept);
  if (items === undefined || kept === undefined || events === undefined) {
    const whole = { item: payload, envelopes: [], raw: payload };
    return { events: [{ ...surroundings(whole), message: { kind: 'unknown' }, raw: payload, index: 0 }], echoes: 0 };
  }
  return { events, echoes: items.length - kept.length };
}

/** Undefined when the attachments of some item would repeat its raw too often. */
function readEvents(items: readonly WebhookItem[]): NormalizedEvent[] | undefined {
  const events: NormalizedEvent[] = [];
  let repeatedBytes = 0;
  for (const item of items) {
    const messages = readMessages(item.item);
    if (messages.length > 1) repeatedBytes += messages.length * bytesOf(item.raw);
    if (events.length + messages.length > maxItems || repeatedBytes > maxRawBytes) return undefined;
    const around = surroundings(item);
    for (const message of messages) events.push({ ...around, message, raw: item.raw, index: events.length });
  }
  return events;
}

function surroundings({ item, envelopes }: WebhookItem): Omit<NormalizedEvent, 'message' | 'raw' | 'index'> {
  const scopes = [item, ...envelopes];
  const conversationId = inScopes(scopes, itemPaths.conversationId, asId);
  const contactId = inScopes(scopes, itemPaths.contactId, asId);
  const contactName = inScopes(scopes, itemPaths.contactName, asText);
  // An envelope's id is its own (a page's, a conversation's), not that of each message in it.
  const messageId = firstHit(item, itemPaths.messageId, asId);
  return {
    ...(conversationId === undefined ? {} : { conversation: { id: conversationId } }),
    ...(contactId === undefined
      ? {}
      : { contact: { id: contactId, ...(contactName === undefined ? {} : { name: contactName }) } }),
    author: readAuthor(scopes),
    ...(messageId === undefined ? {} : { messageId }),
  };
}

function readAuthor(scopes: readonly unknown[]): InboundEvent['author'] {
  const rule = firstRule(scopes, authorRules);
  const id = inScopes(scopes, itemPaths.authorId, asId);
  const name = inScopes(scopes, itemPaths.authorName, asText);
  return {
    kind: rule?.author ?? 'unknown',
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
  };
}

/** An item that doesn't say which way it went goes the way of its envelope. */
function isEcho({ item, envelopes }: WebhookItem): boolean {
  return firstRule([item, ...envelopes], directionRules)?.direction === 'in';
}

/** The first rule that holds on the item; if none does, on its envelopes, from the inside outwards. */
function firstRule<Rule extends { when: Condition }>(
  scopes: readonly unknown[],
  rules: readonly Rule[],
): Rule | undefined {
  for (const scope of scopes) {
    const rule = rules.find(({ when }) => holds(scope, when));
    if (rule) return rule;
  }
  return undefined;
}

/** What is missing on the item is looked up on its envelopes, from the inside outwards. */
function inScopes<T>(scopes: readonly unknown[], paths: readonly Path[], accept: Accept<T>): T | undefined {
  for (const scope of scopes) {
    const hit = firstHit(scope, paths, accept);
    if (hit !== undefined) return hit;
  }
  return undefined;
}
