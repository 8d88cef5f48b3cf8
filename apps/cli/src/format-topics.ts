import type { Drift, Replication } from '@bridge/kafka';
import type { TopicSpec } from '@bridge/schemas';

/** What `topics create` did, a line a topic. */
export function formatCreated(
  topics: TopicSpec[],
  created: string[],
  { replication, minInsync }: Replication,
): string[] {
  const copies = `replication ${replication}, min.insync.replicas ${minInsync}`;
  return topics.map(({ name, partitions }) =>
    created.includes(name) ? `created  ${name} (${partitions} partitions, ${copies})` : `exists   ${name}`,
  );
}

/** What `topics check` found, a line a topic that is right or a setting that is not. */
export function formatChecked(topics: TopicSpec[], drifts: Drift[]): string[] {
  return topics.flatMap(({ name }) => {
    const own = drifts.filter(({ topic }) => topic === name);
    return own.length === 0 ? [`ok       ${name}`] : own.map(formatDrift);
  });
}

function formatDrift({ topic, setting, expected, found }: Drift): string {
  if (setting === 'topic') return `missing  ${topic}`;
  return `drift    ${topic}: ${setting} is ${found}, must be ${expected}`;
}
