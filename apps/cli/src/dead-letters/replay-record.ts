import type { ConsumedRecord, OutgoingRecord } from '@bridge/kafka';
import { deadLetterHeaders } from '@bridge/schemas';
import { replayedFrom } from './dead-letter.ts';
import type { RoutedLetter } from './lineage.ts';

/**
 * The record that a letter was made of, to be published where it lay: key, value, trace and all other headers as they
 * were. The apps take it for no repeat by the count of its replays; the letter's id lets the next run know.
 */
export function replayRecord(record: ConsumedRecord, letter: RoutedLetter): OutgoingRecord {
  const own = Object.entries(record.rawHeaders).filter(([name]) => !name.startsWith('x-dead-letter-'));
  return {
    topic: letter.origin.topic,
    partition: letter.origin.partition,
    key: record.rawKey,
    value: record.rawValue,
    headers: {
      ...Object.fromEntries(own),
      [deadLetterHeaders.replays]: String(letter.replays + 1),
      [replayedFrom]: letter.id,
    },
  };
}
