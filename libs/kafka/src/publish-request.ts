import { PublishError } from './errors.ts';

/** Where the broker stored a record. */
export type Ack = { topic: string; partition: number; offset: string };

export type PublishOptions = { deadline?: Date; signal?: AbortSignal };

/** A call of `publish`: over when all its records are acknowledged, or with the first failure. */
export type PublishRequest = {
  acks: Promise<Ack[]>;
  isOver(): boolean;
  /** Fails it when its time has passed. True when it did so now: after a sleep of the process its timer comes too late. */
  expire(now: number): boolean;
  acked(index: number, ack: Ack): void;
  fail(error: PublishError): void;
};

export function createPublishRequest(records: number, { deadline, signal }: PublishOptions): PublishRequest {
  const { promise, resolve, reject } = Promise.withResolvers<Ack[]>();
  const acks: Ack[] = [];
  let unacked = records;
  let isOver = false;
  const late = () => fail(new PublishError('timeout', `not acknowledged by ${deadline?.toISOString()}`));
  const withdrawn = () => fail(new PublishError('unavailable', 'withdrawn before it was acknowledged'));
  const timer = deadline && setTimeout(late, Math.max(0, deadline.getTime() - Date.now()));

  function end(): void {
    isOver = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', withdrawn);
  }

  function acked(index: number, ack: Ack): void {
    acks[index] = ack;
    unacked -= 1;
    if (unacked > 0 || isOver) return;
    end();
    resolve(acks);
  }

  function fail(error: PublishError): void {
    if (isOver) return;
    end();
    reject(error);
  }

  function expire(now: number): boolean {
    if (isOver || deadline === undefined || now < deadline.getTime()) return false;
    late();
    return true;
  }

  if (signal?.aborted) withdrawn();
  else signal?.addEventListener('abort', withdrawn);
  return { acks: promise, isOver: () => isOver, expire, acked, fail };
}
