import { TopicError } from './errors.ts';

/**
 * A topic does not take what it was given, while the broker is well; nothing of the transaction was stored.
 * - `too-large`: a record exceeds what the topic takes
 * - `unavailable`: it takes nothing: it is missing, or not permitted, or has no leader or too few copies
 */
export class TopicRefusal extends Error {
  override name = 'TopicRefusal';
  topic: string;
  kind: 'too-large' | 'unavailable';

  constructor(topic: string, kind: TopicRefusal['kind'], error: Error) {
    super(`${topic} does not take it: ${error.message}`, { cause: error });
    this.topic = topic;
    this.kind = kind;
  }
}

const kinds: Record<string, TopicRefusal['kind']> = {
  MESSAGE_TOO_LARGE: 'too-large',
  RECORD_LIST_TOO_LARGE: 'too-large',
  UNKNOWN_TOPIC_OR_PARTITION: 'unavailable',
  INVALID_TOPIC_EXCEPTION: 'unavailable',
  TOPIC_AUTHORIZATION_FAILED: 'unavailable',
  POLICY_VIOLATION: 'unavailable',
  LEADER_NOT_AVAILABLE: 'unavailable',
  NOT_LEADER_FOR_PARTITION: 'unavailable',
  NOT_ENOUGH_REPLICAS: 'unavailable',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'unavailable',
  KAFKA_STORAGE_ERROR: 'unavailable',
};

/** What an error means that came of work with one topic alone: its refusal, or the error itself. */
export function refusalOf(topic: string, error: unknown): unknown {
  if (error instanceof TopicError) return new TopicRefusal(topic, 'unavailable', error);
  const kind = error instanceof Error && kinds[typeOf(error)];
  return kind ? new TopicRefusal(topic, kind, error) : error;
}

/** kafkajs wraps what it has tried again in vain, and that once more. */
function typeOf(error: Error & { type?: string }): string {
  return error.type ?? (error.cause instanceof Error ? typeOf(error.cause) : '');
}
