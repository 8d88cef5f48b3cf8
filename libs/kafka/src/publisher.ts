import type { KafkaClient } from './connect-kafka.ts';
import { PublishError } from './errors.ts';
import { endsBefore, pause } from './pause.ts';
import { outgoingBytes } from './records.ts';
import type { OutgoingRecord } from './records.ts';
import { createSender } from './sender.ts';
import type { Ack } from './sender.ts';

export type Publisher = {
  name: string;
  start(): Promise<void>;
  /**
   * Resolves when every in-sync replica has all `records`, stored in their order. Rejects with a `PublishError`: at the
   * `deadline`, or when the broker refuses. Without a deadline it waits for as long as no broker can be reached.
   * A record of a rejected call may be stored all the same, unless the error's kind says otherwise.
   * `signal` withdraws the call: it rejects as `unavailable` at once, and what was not sent by then never is.
   */
  publish(records: OutgoingRecord[], options?: PublishOptions): Promise<Ack[]>;
  /** Why no call could ever publish these records: one of them is too large. Undefined when none is. */
  tooLarge(records: OutgoingRecord[]): PublishError | undefined;
  /** Sends what waits, until `deadline`; then leaves. */
  stop(options: { deadline: Date }): Promise<void>;
  ready(): true | string;
};

type PublishOptions = { deadline?: Date; signal?: AbortSignal };
type Request = { settled: boolean; acks: Ack[]; unacked: number; acked(): void; fail(error: PublishError): void };
type Waiting = { record: OutgoingRecord; bytes: number; request: Request; index: number; alone?: true };

const reconnectPauseMs = 250;

/**
 * Group commit: one send in flight, acknowledged by all in-sync replicas; whatever arrives meanwhile is the next send,
 * so no timer delays anything. A send holds at most `maxBatchBytes`, a larger record goes alone: kafkajs makes one
 * batch a partition and the broker refuses a batch as a whole. A failed send fails only the calls it was made for.
 */
export function createPublisher(options: {
  client: KafkaClient;
  /** Bytes of one send; 512 KiB unless told. */
  maxBatchBytes?: number;
  /** Bytes that may wait; beyond, `publish` rejects as overloaded. 64 MiB unless told. */
  maxWaitingBytes?: number;
  /** Bytes of one record; beyond, `publish` rejects as too-large. 4 MiB unless told, as the topics allow. */
  maxRecordBytes?: number;
  /** How long the broker may take for one send; 10,000 ms unless told. */
  requestTimeoutMs?: number;
}): Publisher {
  const { client, maxBatchBytes = 512 * 1024, maxWaitingBytes = 64 << 20, maxRecordBytes = 4 << 20 } = options;
  const sender = createSender(client, options.requestTimeoutMs ?? 10_000);
  let queue: Waiting[] = [];
  let waitingBytes = 0;
  let sending: Promise<void> | undefined;
  const stopping = new AbortController();

  /** Leaves the queue with what somebody still waits for, but for the first `count`. */
  function keep(count = 0): Waiting[] {
    const open = queue.filter(({ request }) => !request.settled);
    queue = open.slice(count);
    waitingBytes = queue.reduce((sum, one) => sum + one.bytes, 0);
    return open.slice(0, count);
  }

  function take(): Waiting[] {
    keep();
    if (queue[0]?.alone) return keep(1);
    let bytes = 0;
    const end = queue.findIndex((one, index) => (bytes += one.bytes) > maxBatchBytes && index > 0);
    return keep(end < 0 ? queue.length : end);
  }

  async function sendWaiting(): Promise<void> {
    // Also with nothing to send it connects again: whoever is asked whether it is ready gets no traffic until it is.
    while (queue.length > 0 || (sender.trouble() !== '' && !stopping.signal.aborted)) {
      try {
        await sender.connect();
      } catch (error) {
        client.log.warn({ waiting: queue.length, error: String(error) }, 'nothing can be published; trying again');
        await pause(reconnectPauseMs, stopping.signal);
        keep();
        continue;
      }
      await sendBatch(take());
    }
    // Here and not in a callback of the promise: what is published in between would never be sent.
    sending = undefined;
  }

  async function sendBatch(batch: Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const acks = await sender.send(batch.map(({ record }) => record));
      batch.forEach(({ request, index }, position) => acknowledge(request, index, acks[position] as Ack));
    } catch (error) {
      const failure = error as PublishError;
      if (failure.kind === 'too-large' && batch.length > 1) {
        // The broker takes less than our limit: one by one, so that the large record fails alone. By the queue, so that
        // nothing is sent of a call that failed meanwhile.
        queue = [...batch.map((one) => ({ ...one, alone: true as const })), ...queue];
        return;
      }
      client.log.warn({ records: batch.length, error: failure.message }, 'a send failed');
      for (const { request } of batch) request.fail(failure);
    }
  }

  function tooLarge(records: OutgoingRecord[]): PublishError | undefined {
    const large = records.map(outgoingBytes).find((size) => size > maxRecordBytes);
    if (large === undefined) return undefined;
    return new PublishError('too-large', `a record of ${large} bytes exceeds ${maxRecordBytes} bytes`);
  }

  function noRoomFor(total: number): PublishError | undefined {
    if (stopping.signal.aborted) return new PublishError('unavailable', 'the publisher is stopping');
    if (waitingBytes + total <= maxWaitingBytes) return undefined;
    return new PublishError('overloaded', `${waitingBytes} bytes wait to be published already`);
  }

  async function publish(records: OutgoingRecord[], limits: PublishOptions = {}): Promise<Ack[]> {
    if (records.length === 0) return [];
    const sizes = records.map(outgoingBytes);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const refused = tooLarge(records) ?? noRoomFor(total);
    if (refused) throw refused;
    return new Promise((resolve, reject) => {
      const request = createRequest(records.length, limits, resolve, reject);
      records.forEach((record, index) => queue.push({ record, bytes: sizes[index] ?? 0, request, index }));
      waitingBytes += total;
      sending ??= sendWaiting();
    });
  }

  async function stop({ deadline }: { deadline: Date }): Promise<void> {
    stopping.abort();
    await endsBefore(deadline, sending);
    for (const { request } of queue) request.fail(new PublishError('unavailable', 'stopped before it was sent'));
    queue = [];
    await sender.close();
  }

  const ready = () => (sender.trouble() === '' ? true : sender.trouble());
  return { name: 'publisher', start: () => sender.connect(), publish, tooLarge, stop, ready };
}

function createRequest(
  unacked: number,
  { deadline, signal }: PublishOptions,
  resolve: (acks: Ack[]) => void,
  reject: (error: PublishError) => void,
): Request {
  const settleOnce = (settle: () => void) => {
    if (request.settled) return;
    request.settled = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', withdrawn);
    settle();
  };
  const request: Request = {
    settled: false,
    acks: [],
    unacked,
    acked: () => settleOnce(() => resolve(request.acks)),
    fail: (error) => settleOnce(() => reject(error)),
  };
  const late = () => request.fail(new PublishError('timeout', `not acknowledged by ${deadline?.toISOString()}`));
  const timer = deadline && setTimeout(late, Math.max(0, deadline.getTime() - Date.now()));
  const withdrawn = () => request.fail(new PublishError('unavailable', 'withdrawn before it was acknowledged'));
  if (signal?.aborted) withdrawn();
  else signal?.addEventListener('abort', withdrawn);
  return request;
}

function acknowledge(request: Request, index: number, ack: Ack): void {
  request.acks[index] = ack;
  request.unacked -= 1;
  if (request.unacked === 0) request.acked();
}
