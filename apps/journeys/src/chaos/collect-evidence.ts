import { randomUUID } from 'node:crypto';
import { partitionCounts, readTopic } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient } from '@bridge/kafka';
import type { JournalEntry } from '../world/simulator-client.ts';
import type { Topics } from '../world/topics.ts';
import { until } from '../world/until.ts';
import type { CommandRecord, DeadLetter, EventRecord, Receipt, ResultRecord } from './evidence.ts';

const markName = 'x-chaos-mark';

/**
 * All committed records of a topic, each partition's in their order. A mark is published into each partition and read
 * up to: what is before it was seen, and a transaction left open for ever would hold it back.
 */
export async function readWhole(topics: Topics, topic: string): Promise<ConsumedRecord[]> {
  const { client } = topics;
  const partitions = (await partitionCounts(client, [topic])).get(topic) ?? 0;
  const mark = randomUUID();
  const records: ConsumedRecord[] = [];
  let marks = 0;
  const reader = await readTopic({
    client,
    topic,
    from: 'beginning',
    onRecord(record) {
      if (record.headers[markName] === mark) marks += 1;
      else if (record.headers[markName] === undefined) records.push(record);
    },
  });
  try {
    const marked = Array.from({ length: partitions }, (_, partition) => partition);
    await topics.publish(
      marked.map((partition) => ({ topic, partition, key: markName, value: null, headers: { [markName]: mark } })),
    );
    await until(`the end of ${topic}`, () => marks >= partitions);
  } finally {
    await reader.stop();
  }
  return records;
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

/** A record of inbound-events or of a channel topic: the webhook's number is its text. */
export function eventRecord({ topic, partition, offset, key, value }: ConsumedRecord): EventRecord {
  const { message } = JSON.parse(value ?? '') as { message: { text?: string } };
  const number = Number(message.text?.replace('webhook ', ''));
  return { topic, partition, offset: Number(offset), key: key ?? '', number };
}

export function commandRecordOf({ partition, offset, key, value }: ConsumedRecord): CommandRecord {
  const { id } = JSON.parse(value ?? '') as { id: string };
  return { id, key: key ?? '', partition, offset: Number(offset) };
}

export function resultRecord({ partition, headers, value, timestampMs }: ConsumedRecord): ResultRecord {
  const { commandId, outcome } = JSON.parse(value ?? '') as { commandId: string; outcome: string };
  return {
    commandId,
    partition,
    commandOffset: Number(headers['x-command-offset']),
    replays: headers['x-command-replays'] ?? '0',
    outcome,
    value: value ?? '',
    at: timestampMs,
  };
}

export function deadLetter({ headers }: ConsumedRecord): DeadLetter {
  const field = (name: string) => headers[`x-dead-letter-${name}`] ?? '';
  return {
    stage: field('stage'),
    reason: field('reason'),
    topic: field('topic'),
    partition: Number(field('partition')),
    offset: Number(field('offset')),
  };
}

/** What took effect at the bot, of the simulator's journal. */
export function receiptsOf(journal: JournalEntry[], keyOf: (conversation: string) => string): Receipt[] {
  return journal
    .filter(({ outcome }) => outcome === 'accepted')
    .map(({ conversation, body, at, fault }) => {
      const { content } = JSON.parse(body) as { content: string };
      return { commandId: content, key: keyOf(conversation ?? ''), at: Date.parse(at), ...(fault && { fault }) };
    });
}
