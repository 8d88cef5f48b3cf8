import { deadLetterRecord, partitionCounts, partitionOf, PublishError, TopicError } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient, Publisher } from '@bridge/kafka';
import type { Log } from '@bridge/service';
import type { Spool } from './spool.ts';
import type { SpooledRecord } from './spool-database.ts';
import type { GiveUp } from './spool-drainer.ts';

export type LastResort = {
  client: KafkaClient;
  publish: Publisher['publish'];
  /** The topic of dead letters. */
  topic: string;
  spool: Pick<Spool, 'setAside'>;
  deadLettered: () => void;
  log: Pick<Log, 'error'>;
};

/**
 * A record that fits no topic must not hold up the others: it becomes a dead letter. Where that can never be stored either,
 * it is set aside in the spool's file, for people. Rejects when it may be stored later.
 */
export function createGiveUp({ client, publish, topic, spool, deadLettered, log }: LastResort): GiveUp {
  return async function giveUp(record, error, signal) {
    const facts = { event: record.headers['ce_id'], topic: record.topic, bytes: record.bytes, error: error.message };
    try {
      const partitions = (await partitionCounts(client, [record.topic, topic])).get(record.topic) ?? 1;
      const letter = { topic, stage: 'ingress', reason: 'too-large', error: error.message, attempts: 1 } as const;
      const consumed = asConsumed(record, partitionOf(record.key, partitions));
      await publish([deadLetterRecord({ ...letter, record: consumed, firstFailedAt: new Date() })], { signal });
    } catch (failure) {
      if (!isForGood(failure)) throw failure;
      spool.setAside(record, error.message);
      log.error({ ...facts, failure: String(failure) }, 'set aside in the spool: too large, and no dead letter either');
      return;
    }
    deadLettered();
    log.error(facts, 'an event is too large for its topic: it is now a dead letter');
  };
}

/** It fits no dead letter, or the topic of dead letters is missing. */
const isForGood = (failure: unknown) =>
  failure instanceof TopicError || (failure instanceof PublishError && failure.kind === 'too-large');

/** As if it had been read from the partition that its key chooses; its number in the spool stands for the offset. */
function asConsumed({ topic, key, value, headers, number, bytes }: SpooledRecord, partition: number): ConsumedRecord {
  const raw = { rawKey: Buffer.from(key), rawValue: Buffer.from(value), rawHeaders: headers };
  const place = { topic, partition, offset: String(number) };
  return { ...place, key, value, headers, ...raw, timestampMs: Date.now(), sizeBytes: bytes };
}
