import type { ProduceOutcome } from './broker-connection.ts';
import { PublishError } from './errors.ts';
import type { PartitionQueue, Waiting } from './partition-queue.ts';

/** What one request held of a partition. */
export type Batch = { queue: PartitionQueue; entries: Waiting[] };

/** Of a batch that a broker had, or perhaps had. */
const maxAttempts = 4;

/**
 * Acknowledges a batch, puts it back to be sent again, or fails the requests that it was made for, but no others. `later`:
 * not before its leader was asked for.
 */
export function settleBatch({ queue, entries }: Batch, outcome: ProduceOutcome): 'done' | 'again' | 'later' | 'failed' {
  if (outcome.kind === 'too-large' && entries.length > 1) {
    // The topic takes less than a batch: one by one, so that the large record fails alone.
    queue.putBack(entries.map((one) => [one]));
    return 'again';
  }
  if (outcome.kind === 'refused' && outcome.passes && queue.failures + 1 < maxAttempts) {
    queue.failures += 1;
    queue.putBack([entries]);
    return 'later';
  }
  queue.failures = 0;
  if (outcome.kind === 'stored') {
    acknowledge({ queue, entries }, outcome.baseOffset);
    return 'done';
  }
  const kind = outcome.kind === 'too-large' ? 'too-large' : 'unavailable';
  for (const { request } of entries) request.fail(new PublishError(kind, outcome.error.message, outcome.error));
  return 'failed';
}

function acknowledge({ queue: { topic, partition }, entries }: Batch, baseOffset: bigint): void {
  entries.forEach(({ request, index }, position) =>
    request.acked(index, { topic, partition, offset: String(baseOffset + BigInt(position)) }),
  );
}
