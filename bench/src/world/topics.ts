import { createTopics, topicRanges } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';
import type { TopicSpec } from '@bridge/schemas';
import { setTimeout as sleep } from 'node:timers/promises';

const waitMs = 60_000;

type Admin = ReturnType<ReturnType<KafkaClient['open']>['admin']>;

/** Runs `work` with an admin connection, and closes it. */
export async function withAdmin<T>(client: KafkaClient, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.open({ retries: 3, silent: true }).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Creates the topics, empty: what there was of them is removed. */
export async function freshTopics(client: KafkaClient, specs: TopicSpec[]): Promise<void> {
  await removeTopics(
    client,
    specs.map(({ name }) => name),
  );
  await createTopics(client, specs, { replication: 1, minInsync: 1 });
}

/** Removes those of the topics that exist, and waits until they are gone. */
export async function removeTopics(client: KafkaClient, names: string[]): Promise<void> {
  await withAdmin(client, async (admin) => {
    const left = async () => (await admin.listTopics()).filter((name) => names.includes(name));
    const existing = await left();
    if (existing.length === 0) return;
    await admin.deleteTopics({ topics: existing });
    for (const end = Date.now() + waitMs; (await left()).length > 0; await sleep(50)) {
      if (Date.now() > end) throw new Error(`these topics do not go: ${existing.join(', ')}`);
    }
  });
}

/** Forgets how far a group came. A member that was killed keeps it busy until the broker has missed it. */
export async function forgetGroup(client: KafkaClient, groupId: string): Promise<void> {
  for (const end = Date.now() + waitMs; ; await sleep(500)) {
    try {
      await withAdmin(client, (admin) => admin.deleteGroups([groupId]));
      return;
    } catch (error) {
      // kafkajs tells the reasons of each group apart from its own message.
      const reasons = JSON.stringify((error as { groups?: unknown }).groups ?? String(error));
      if (reasons.includes('GROUP_ID_NOT_FOUND')) return;
      if (Date.now() > end) throw new Error(`the group ${groupId} can't be forgotten: ${reasons}`, { cause: error });
    }
  }
}

/** How many offsets a topic has; with transactions their ends count, too. */
export async function countOffsets(client: KafkaClient, topic: string): Promise<number> {
  const ranges = await topicRanges(client, topic);
  return [...ranges.values()].reduce((sum, { from, to }) => sum + Number(to - from), 0);
}
