import type { KafkaClient } from './connect-kafka.ts';
import { PublishError } from './errors.ts';
import { endsBefore } from './pause.ts';
import { PassingSet } from './passing-set.ts';
import { createPublishRequest } from './publish-request.ts';
import type { Ack, PublishOptions, PublishRequest } from './publish-request.ts';
import { outgoingBytes } from './records.ts';
import type { OutgoingRecord } from './records.ts';
import { createSender } from './sender.ts';
import type { SentBatch } from './sender.ts';

export type Publisher = {
  name: string;
  /** Connects. Rejects with a `PublishError` when no broker answers; what is published all the same waits for one. */
  start(): Promise<void>;
  /**
   * Resolves when every in-sync replica has all `records`, those of a partition in their order. Rejects with a
   * `PublishError`: at the `deadline`, or when the broker refuses. Without a deadline it waits for as long as no broker
   * can be reached. A record of a rejected call may be stored all the same, unless the error's kind says otherwise.
   * `signal` withdraws the call: it rejects as `unavailable` at once, and what was not sent by then never is.
   */
  publish(records: OutgoingRecord[], options?: PublishOptions): Promise<Ack[]>;
  /** Why no call could ever publish these records: one of them is too large. Undefined when none is. */
  tooLarge(records: OutgoingRecord[]): PublishError | undefined;
  /** Sends what waits, until `deadline`; then leaves. */
  stop(options: { deadline: Date }): Promise<void>;
  ready(): true | string;
};

/**
 * Group commit: one request in flight to each broker, acknowledged by all in-sync replicas; whatever arrives meanwhile is
 * the next one, so no timer delays anything, unless `lingerMs` is told. A batch that fails is tried again three times, without what nobody waits for
 * any more, and then fails the calls that it was made for, no others.
 */
export function createPublisher(options: {
  client: KafkaClient;
  /** Bytes of one batch, which is what one request holds of a partition; a larger record goes alone. 512 KiB unless told. */
  maxBatchBytes?: number;
  /** Bytes that may be under way; beyond, `publish` rejects as overloaded. 64 MiB unless told. */
  maxWaitingBytes?: number;
  /** Bytes of one record; beyond, `publish` rejects as too-large. 4 MiB unless told, as the topics allow. */
  maxRecordBytes?: number;
  /**
   * How long a request waits for more, unless 64 records wait; 0 ms unless told. For whoever has many calls under way and is
   * in no hurry: what a request costs, here and at the broker, is the same for one record and for a hundred.
   */
  lingerMs?: number;
  /** How long the broker may take for one request; 10,000 ms unless told. */
  requestTimeoutMs?: number;
  /** Called once for each batch that was sent. Must not throw. */
  onBatch?: (batch: SentBatch) => void;
}): Publisher {
  const { client, maxBatchBytes = 512 * 1024, maxWaitingBytes = 64 << 20, maxRecordBytes = 4 << 20 } = options;
  const { requestTimeoutMs = 10_000, lingerMs = 0, onBatch } = options;
  const sender = createSender({ client, maxBatchBytes, requestTimeoutMs, lingerMs, onBatch });
  const requests = new PassingSet<PublishRequest>();
  let waitingBytes = 0;
  let isStopping = false;

  function tooLargeAmong(sizes: number[]): PublishError | undefined {
    const large = sizes.find((size) => size > maxRecordBytes);
    if (large === undefined) return undefined;
    return new PublishError('too-large', `a record of ${large} bytes exceeds ${maxRecordBytes} bytes`);
  }

  function noRoomFor(bytes: number): PublishError | undefined {
    if (isStopping) return new PublishError('unavailable', 'the publisher is stopping');
    if (waitingBytes + bytes <= maxWaitingBytes) return undefined;
    return new PublishError('overloaded', `${waitingBytes} bytes wait to be published already`);
  }

  async function publish(records: OutgoingRecord[], limits: PublishOptions = {}): Promise<Ack[]> {
    if (records.length === 0) return [];
    const sizes = records.map(outgoingBytes);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const refused = tooLargeAmong(sizes) ?? noRoomFor(bytes);
    if (refused) throw refused;
    const request = createPublishRequest(records.length, limits);
    const waiting = records.map((record, index) => ({ record, sizeBytes: sizes[index] ?? 0, request, index }));
    requests.add(request);
    waitingBytes += bytes;
    for (const one of waiting) sender.add(one);
    try {
      return await request.acks;
    } catch (error) {
      for (const one of waiting) sender.remove(one);
      throw error;
    } finally {
      requests.delete(request);
      waitingBytes -= bytes;
    }
  }

  async function stop({ deadline }: { deadline: Date }): Promise<void> {
    isStopping = true;
    await endsBefore(deadline, Promise.allSettled([...requests].map(({ acks }) => acks)));
    for (const request of requests) request.fail(new PublishError('unavailable', 'stopped before it was stored'));
    await endsBefore(deadline, sender.close());
  }

  const tooLarge = (records: OutgoingRecord[]) => tooLargeAmong(records.map(outgoingBytes));
  const ready = () => sender.trouble() || true;
  return { name: 'publisher', start: sender.start, publish, tooLarge, stop, ready };
}
