/**
 * The key of a record: what Kafka keeps in order. `<connection>/<conversation id>`, else `<connection>/contact/<contact id>`,
 * else `<connection>/event/<event id>`, each id percent-encoded as encodeURIComponent does it, so that an id can hold
 * anything and two keys never collide. An empty id counts as absent; a lone surrogate is replaced by U+FFFD.
 * @throws TypeError when none of the three ids is given
 */
export function recordKey(of: {
  connection: string;
  conversationId?: string | undefined;
  contactId?: string | undefined;
  eventId?: string | undefined;
}): string {
  const connection = encode(of.connection);
  if (of.conversationId) return `${connection}/${encode(of.conversationId)}`;
  if (of.contactId) return `${connection}/contact/${encode(of.contactId)}`;
  if (of.eventId) return `${connection}/event/${encode(of.eventId)}`;
  throw new TypeError('A record key needs a conversation id, a contact id or an event id.');
}

const encode = (id: string): string => encodeURIComponent(id.toWellFormed());
