/** The broker did not answer while starting; `exitCode` is what the process ends with. */
export class BrokerUnreachableError extends Error {
  override name = 'BrokerUnreachableError';
  exitCode = 69;
}

/** A topic is missing or has another partition count than the program needs. */
export class TopicError extends Error {
  override name = 'TopicError';
  exitCode = 78;
}

/** The consumer ended for good: the process must end as well, so that another takes its partitions. */
export class ConsumerLostError extends Error {
  override name = 'ConsumerLostError';
  exitCode = 70;
}

/**
 * Why records were not acknowledged. After `unavailable` and `timeout` they may have been stored all the same.
 * - `unavailable`: the broker refused or could not be reached
 * - `timeout`: the caller's deadline passed first
 * - `overloaded`: too much is waiting already; nothing was sent
 * - `too-large`: a record exceeds what its topic takes; nothing of that record was stored
 */
export type PublishErrorKind = 'unavailable' | 'timeout' | 'overloaded' | 'too-large';

export class PublishError extends Error {
  override name = 'PublishError';
  kind: PublishErrorKind;
  /** It ends a process only where it is thrown by a start: the broker went away since it was waited for. */
  exitCode = 69;

  constructor(kind: PublishErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
