import { createPublisher } from '@bridge/kafka';
import type { KafkaClient, OutgoingRecord } from '@bridge/kafka';

const chunk = 2_000;
/** As an ingress or a service under load writes them, not a megabyte at once. */
const batchBytes = 64 * 1024;

/** Stores `count` records, those of a partition in their order. */
export async function publishAll(
  client: KafkaClient,
  count: number,
  record: (index: number) => OutgoingRecord,
): Promise<void> {
  const publisher = createPublisher({ client, maxBatchBytes: batchBytes, requestTimeoutMs: 60_000 });
  try {
    for (let from = 0; from < count; from += chunk) {
      const size = Math.min(chunk, count - from);
      await publisher.publish(Array.from({ length: size }, (_, index) => record(from + index)));
    }
  } finally {
    await publisher.stop({ deadline: new Date(Date.now() + 5_000) });
  }
}
