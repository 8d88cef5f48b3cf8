import type { ConsumedRecord, OutgoingRecord } from './records.ts';

/**
 * The dead letter of a record: key, value and headers as they were, and where it came from and why it is here in
 * headers of its own. A replayed record that fails again keeps the count of its replays.
 */
export function deadLetterRecord(letter: {
  topic: string;
  record: ConsumedRecord;
  /** Which app gave up. */
  stage: 'ingress' | 'router' | 'outbound';
  /** One word of a closed set, for counting. */
  reason: string;
  /** What happened, for people. */
  error: string;
  attempts: number;
  firstFailedAt: Date;
}): OutgoingRecord {
  const { record } = letter;
  return {
    topic: letter.topic,
    key: record.rawKey,
    value: record.rawValue,
    headers: {
      ...record.rawHeaders,
      'x-dead-letter-topic': record.topic,
      'x-dead-letter-partition': String(record.partition),
      'x-dead-letter-offset': record.offset,
      'x-dead-letter-stage': letter.stage,
      'x-dead-letter-reason': letter.reason,
      'x-dead-letter-error': letter.error,
      'x-dead-letter-attempts': String(letter.attempts),
      'x-dead-letter-first-failed-at': letter.firstFailedAt.toISOString(),
      'x-dead-letter-replays': record.headers['x-dead-letter-replays'] ?? '0',
    },
  };
}
