import { createHash } from 'node:crypto';
import type { OutgoingRecord } from '@bridge/kafka';
import { cloudEventHeaders, eventTypes, normalizeWebhook, parseJson, recordKey, stringifyJson } from '@bridge/schemas';
import type { InboundEvent } from '@bridge/schemas';
import { webhookBody } from '../load/webhooks.ts';

const connection = 'company-1';
/** Ten characters of time and sixteen that count: it looks like the ULID that ingress gives. */
const ulidTime = '01K9ZZ0000';
/** Without a text an event has about so many bytes, and a webhook. */
const envelopeBytes = 650;
const webhookBytes = 330;
const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-00';

/** The record of inbound-events that ingress would write for message number `index`; its value has about `sizeBytes`. */
export function inboundRecord(options: {
  topic: string;
  index: number;
  conversations: number;
  sizeBytes: number;
  at: Date;
}): OutgoingRecord {
  const { topic, index, conversations, sizeBytes, at } = options;
  const conversationId = String(1_000 + (index % conversations));
  // The text is there twice, read and raw.
  const textBytes = Math.max(10, (sizeBytes - envelopeBytes) / 2);
  const body = webhookBody({ id: `m-${index}`, conversationId, sizeBytes: webhookBytes + textBytes });
  const { events } = normalizeWebhook(parseJson(body.toString('utf8')));
  const { conversation, contact, author, message, raw, messageId = '' } = events[0] as (typeof events)[number];
  const event: InboundEvent = {
    id: eventId(index),
    redeliveryKey: `${messageId}/${createHash('sha256').update(body).digest('hex')}/0`,
    connection,
    ...(conversation && { conversation }),
    ...(contact && { contact }),
    author,
    message,
    verified: true,
    receivedAt: at.toISOString(),
    raw,
  };
  return {
    topic,
    key: recordKey({ connection, conversationId }),
    value: stringifyJson(event),
    headers: cloudEventHeaders({
      id: event.id,
      type: eventTypes.inboundEvent,
      source: `/connections/${connection}`,
      subject: conversationId,
      time: event.receivedAt,
      traceparent,
    }),
  };
}

const eventId = (index: number) => `${ulidTime}${String(index).padStart(16, '0')}-0`;

/** The number of the message whose event has this id; undefined for any other id. */
export function indexOfEvent(id: string): number | undefined {
  const digits = /^01K9ZZ0000(\d{16})-0$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
