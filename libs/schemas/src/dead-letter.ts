import { z } from 'zod';

/** Names of the headers that a dead letter carries beside those it came with; key and value stay as they were. */
export const deadLetterHeaders = {
  topic: 'x-dead-letter-topic',
  partition: 'x-dead-letter-partition',
  offset: 'x-dead-letter-offset',
  stage: 'x-dead-letter-stage',
  reason: 'x-dead-letter-reason',
  error: 'x-dead-letter-error',
  attempts: 'x-dead-letter-attempts',
  firstFailedAt: 'x-dead-letter-first-failed-at',
  replays: 'x-dead-letter-replays',
} as const;

const count = z.string().regex(/^\d+$/, 'a decimal number');

/**
 * The headers of a dead letter, decoded to strings, by header name. Other headers are kept.
 * topic, partition and offset say where the record was read, stage which app gave up on it, reason a short code.
 */
export const deadLetterHeadersSchema = z.looseObject({
  [deadLetterHeaders.topic]: z.string().min(1),
  [deadLetterHeaders.partition]: count,
  [deadLetterHeaders.offset]: count,
  [deadLetterHeaders.stage]: z.string().min(1),
  [deadLetterHeaders.reason]: z.string().min(1),
  [deadLetterHeaders.error]: z.string(),
  [deadLetterHeaders.attempts]: count,
  [deadLetterHeaders.firstFailedAt]: z.string().min(1),
  [deadLetterHeaders.replays]: count,
});
export type DeadLetterHeaders = z.infer<typeof deadLetterHeadersSchema>;
