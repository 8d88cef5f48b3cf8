import { isUtf8 } from 'node:buffer';
import type { ConsumedRecord } from '@bridge/kafka';
import { stringifyJson } from '@bridge/schemas';
import type { ChannelMessage, InboundEvent } from '@bridge/schemas';

/** What routing adds to an event. */
export type Added = Pick<ChannelMessage, 'channel' | 'route' | 'duplicateSuspected'>;

const closingBrace = 0x7d;

/**
 * The value of a channel message: the event's own bytes, with what routing adds put behind, so that nothing of it changes and
 * nothing is written anew. An event that has one of these fields already is written anew, for a JSON reader may take the
 * first of two.
 */
export function buildChannelMessage({ rawValue, value }: ConsumedRecord, event: InboundEvent, added: Added): Buffer {
  if ('channel' in event || 'route' in event || 'duplicateSuspected' in event) {
    return Buffer.from(stringifyJson({ ...event, ...added }));
  }
  const bytes = rawValue && isUtf8(rawValue) ? rawValue : Buffer.from(value ?? '');
  const end = bytes.lastIndexOf(closingBrace);
  const behind = `,${JSON.stringify(added).slice(1)}`;
  const message = Buffer.allocUnsafe(end + Buffer.byteLength(behind));
  bytes.copy(message, 0, 0, end);
  message.write(behind, end);
  return message;
}
