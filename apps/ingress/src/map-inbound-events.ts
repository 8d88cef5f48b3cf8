import { hash } from 'node:crypto';
import type { OutgoingRecord } from '@bridge/kafka';
import { cloudEventHeaders, eventTypes, recordKey, stringifyJson } from '@bridge/schemas';
import type { InboundEvent, NormalizedEvent } from '@bridge/schemas';

/** One request whose events are to be stored. */
export type Receipt = {
  /** A ULID, given once when the request came. */
  id: string;
  at: Date;
  connection: string;
  /** The raw bytes of the request. */
  body: Buffer;
  events: NormalizedEvent[];
  verified: boolean;
  traceparent: string;
};

/** An inbound event as its topic has it. */
export type EventRecord = OutgoingRecord & { key: string; value: string; headers: Record<string, string> };

/** The events of one request as records for `topic`, in their order. */
export function mapInboundEvents(receipt: Receipt, topic: string): EventRecord[] {
  const bodyDigest = hash('sha256', receipt.body, 'hex');
  return receipt.events.map((event) => {
    const inbound = inboundEvent(receipt, event, bodyDigest);
    return {
      topic,
      key: keyOf(inbound),
      value: stringifyJson(inbound),
      headers: headersOf(inbound, receipt.traceparent),
    };
  });
}

function inboundEvent(receipt: Receipt, event: NormalizedEvent, bodyDigest: string): InboundEvent {
  const { conversation, contact, author, message, raw, messageId = '', index } = event;
  return {
    id: `${receipt.id}-${index}`,
    // The sender's id leads and is empty when none was found: the router drops repeats only when it is there.
    redeliveryKey: `${encodeURIComponent(messageId)}/${bodyDigest}/${index}`,
    connection: receipt.connection,
    ...(conversation && { conversation }),
    ...(contact && { contact }),
    author,
    message,
    verified: receipt.verified,
    receivedAt: receipt.at.toISOString(),
    raw,
  };
}

function keyOf({ connection, conversation, contact, id }: InboundEvent): string {
  return recordKey({ connection, conversationId: conversation?.id, contactId: contact?.id, eventId: id });
}

function headersOf(
  { id, connection, conversation, receivedAt }: InboundEvent,
  traceparent: string,
): Record<string, string> {
  return cloudEventHeaders({
    id,
    type: eventTypes.inboundEvent,
    source: `/connections/${connection}`,
    subject: conversation?.id,
    time: receivedAt,
    traceparent,
  });
}
