import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient } from '@bridge/kafka';
import type { BridgeWorld } from './bridge-world.ts';
import type { Loads } from './loads.ts';

const limitMs = 180_000;

/** Waits until nothing is left to do; false when that takes longer than three minutes. */
export async function settle(
  { prefix, topics }: Pick<BridgeWorld, 'prefix' | 'topics'>,
  options: {
    loads: Loads;
    /** Of the processes that must be ready at the end those that are not. */
    unready?: () => Promise<string[]>;
    /** How many events wait in a spool. */
    spooled?: () => Promise<number>;
    say?: (line: string) => void;
  },
): Promise<boolean> {
  const { loads, unready = async () => [], spooled = async () => 0, say } = options;
  const { client, names } = topics;
  const deadline = Date.now() + limitMs;
  async function toDo(): Promise<string | undefined> {
    // What is upstream first: nothing that moves on meanwhile is overlooked.
    const open = loads.open();
    const waitedFor = await unready();
    const inSpool = waitedFor.length > 0 ? 0 : await spooled();
    const events = await lagOf(client, `${prefix}.router`, names.inboundEvents);
    const commands = await lagOf(client, `${prefix}.outbound`, names.sendCommands);
    if (open + inSpool + events + commands + waitedFor.length === 0) return undefined;
    const counts = `${open} to send, ${inSpool} in the spool, ${events} events, ${commands} commands`;
    return waitedFor.length > 0 ? `${counts}; not ready: ${waitedFor.join(', ')}` : counts;
  }
  for (;;) {
    // A broker that has just come back does not know each group yet.
    const left = await toDo().catch((error: unknown) => `not known: ${String(error)}`);
    if (left === undefined) return true;
    say?.(`to do: ${left}`);
    if (Date.now() > deadline) return false;
    await sleep(2_000);
  }
}

/** How many records the group has not finished yet. */
export async function lagOf(client: KafkaClient, groupId: string, topic: string): Promise<number> {
  const admin = client.open({ retries: 2 }).admin();
  try {
    await admin.connect();
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    const ends = await admin.fetchTopicOffsets(topic);
    const behind = ends.map(
      ({ partition, low, high }) => Number(high) - Math.max(Number(low), committed.get(partition) ?? 0),
    );
    return behind.reduce((sum, one) => sum + one, 0);
  } finally {
    await admin.disconnect();
  }
}
