import { randomUUID } from 'node:crypto';
import { partitionCounts, readTopic } from '@bridge/kafka';
import type { ConsumedRecord } from '@bridge/kafka';
import type { JournalEntry } from '../world/simulator-client.ts';
import type { Topics } from '../world/topics.ts';
import { until } from '../world/until.ts';
import type { BridgeWorld } from './bridge-world.ts';
import type { CommandRecord, DeadLetter, EventRecord, Evidence, Receipt, ResultRecord } from './evidence.ts';
import type { Loads } from './loads.ts';

const markName = 'x-chaos-mark';

/**
 * All that the topics, the simulator's journal and the senders know, from a time on (milliseconds). Nothing may be written any
 * more, nor be sent.
 */
export async function collectEvidence(
  { topics, channelTopics }: Pick<BridgeWorld, 'topics' | 'channelTopics'>,
  { loads, journal, since = 0 }: { loads: Loads; journal: JournalEntry[]; since?: number },
): Promise<Evidence> {
  const { names } = topics;
  const read = async <T>(topic: string, map: (record: ConsumedRecord) => T) =>
    (await readWhole(topics, topic)).filter(({ timestampMs }) => timestampMs >= since).map(map);
  const received = journal.filter(({ at }) => Date.parse(at) >= since);
  const keys = new Map(loads.conversations.map(({ id, key }) => [id, key]));
  return {
    webhooks: loads.webhooks.sent,
    inbound: await read(names.inboundEvents, eventRecord),
    channels: (await Promise.all(channelTopics.map((topic) => read(topic, eventRecord)))).flat(),
    produced: loads.commands.produced,
    commands: await read(names.sendCommands, commandRecordOf),
    results: await read(names.sendResults, resultRecord),
    receipts: receiptsOf(received, (conversation) => keys.get(conversation) ?? conversation),
    deadLetters: await read(names.deadLetters, deadLetter),
  };
}

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

/** A record of inbound-events or of a channel topic: the webhook's number is its text. */
function eventRecord({ topic, partition, offset, key, value }: ConsumedRecord): EventRecord {
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
