import type { KafkaClient } from './connect-kafka.ts';
import { withAdmin } from './topics.ts';

/**
 * Recalled beyond what is young enough: what was stored, without an answer, just before a broker went away comes again
 * once it is back, however long that takes. In between lie the rest of its batch and what others stored in the seconds
 * in which they still could.
 */
const recalledBeyond = 5_000n;
const maxRecalled = 50_000n;

/**
 * The offset from which a partition is recalled that is to be gone on with at `next`: 5,000 records before the first one
 * of the time `since` (in milliseconds) or later, and at most 50,000 before `next`.
 */
export async function recallFrom(
  client: KafkaClient,
  { topic, partition, next, since }: { topic: string; partition: number; next: bigint; since: number },
): Promise<bigint> {
  return withAdmin(client, async (admin) => {
    const young = await admin.fetchTopicOffsetsByTimestamp(topic, Math.max(0, since));
    const kept = await admin.fetchTopicOffsets(topic);
    const found = BigInt(young.find((one) => one.partition === partition)?.offset ?? next);
    const low = BigInt(kept.find((one) => one.partition === partition)?.low ?? next);
    const from = (found < 0n || found > next ? next : found) - recalledBeyond;
    return largest(from, next - maxRecalled, low);
  });
}

const largest = (...offsets: bigint[]) => offsets.reduce((most, one) => (one > most ? one : most));
