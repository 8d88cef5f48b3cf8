import { kafkaError } from './broker-connection.ts';
import type { ProduceBatch, ProduceOutcome } from './broker-connection.ts';
import type { KafkaClient } from './connect-kafka.ts';
import { createLeaders } from './leaders.ts';
import type { Leaders } from './leaders.ts';
import { partitionOf } from './partition-of.ts';
import { pause } from './pause.ts';
import { outgoingBytes } from './records.ts';
import type { OutgoingRecord } from './records.ts';
import { refusalOf, TopicRefusal } from './topic-refusal.ts';
import { firstOffset, withAdmin } from './topics.ts';
import { allDone, openTransactions } from './transactions.ts';
import type { Transactions } from './transactions.ts';
import type { GroupMember } from './wire/group-offsets.ts';

/** Writes what is made of input partitions, each time together with how far these were read. */
export type TransactionalWriter = {
  /**
   * The first offset of an input partition that no committed transaction covers. While an open one of anybody may still cover
   * more, it rejects with an error of type UNSTABLE_OFFSET_COMMIT, unless `evenIfUnstable`.
   */
  firstOpen(partition: number, options?: { evenIfUnstable?: boolean }): Promise<bigint>;
  /**
   * One transaction: `records`, and by input partition the offset at which the group goes on. Rejects with a `TopicRefusal`
   * when one of the topics does not take what it is given, and with another error when `member` has no right to the
   * partitions any more; nothing is stored then. After any other rejection it is unknown whether it was committed. After each
   * the writer must be closed: a new one finds out.
   */
  write(records: OutgoingRecord[], offsets: ReadonlyMap<number, bigint>, member: GroupMember): Promise<void>;
  /** Ends a transaction that failed, if the broker still takes it. */
  close(): Promise<void>;
};

const requestTimeoutMs = 15_000;
/** Of one batch, far below what the topics take; a larger record goes alone. */
const maxBatchBytes = 512 * 1024;
/** Of what a partition refuses, and may take in a moment: the first pause, doubled each time, and the last. */
const [firstPauseMs, lastPauseMs] = [20, 640];

/**
 * Opens the writer of a process: whatever had the transactional id before is fenced, and its open transaction ended. What makes it
 * exactly once among several processes is the group (KIP-447): it takes offsets from a member of its present generation
 * only, and tells whoever takes a partition over no offset that an open transaction may still move.
 */
export async function openTransactionalWriter(options: {
  client: KafkaClient;
  transactionalId: string;
  groupId: string;
  /** What is read. */
  topic: string;
}): Promise<TransactionalWriter> {
  const { client, topic } = options;
  const leaders = createLeaders(client, requestTimeoutMs);
  try {
    const transactions = await openTransactions(leaders, options);
    const place = createPlaces(leaders);
    const store = createStore(leaders, transactions);
    let state: 'idle' | 'writing' | 'failed' = 'idle';
    return {
      async firstOpen(partition, { evenIfUnstable = false } = {}) {
        const committed = await transactions.committed({ topic, partition }, !evenIfUnstable);
        const first = await withAdmin(client, (admin) => firstOffset(admin, topic, partition));
        return committed === undefined || committed < first ? first : committed;
      },
      async write(records, offsets, member) {
        const batches = await place(records);
        state = 'writing';
        try {
          await transactions.begin(batches);
          await allDone([store(batches), transactions.sendOffsets(topic, offsets, member)]);
          await transactions.commit();
          state = 'idle';
        } catch (error) {
          state = 'failed';
          throw error;
        }
      },
      async close() {
        // One that is being written, when there is no time left, is ended by the broker.
        if (state === 'failed') await transactions.abort().catch(() => undefined);
        await leaders.close();
      },
    };
  } catch (error) {
    await leaders.close();
    throw error;
  }
}

type SizedBatch = ProduceBatch & { sizeBytes: number };

/** Makes batches of records, those of a partition in their order. Finds the partition of each record. A writer's keys keep theirs for as long as it lives. */
function createPlaces(leaders: Leaders) {
  const counts = new Map<string, number>();

  async function countPartitions(topic: string): Promise<number> {
    if (leaders.partitionsOf(topic) === 0) await leaders.refresh();
    const count = leaders.partitionsOf(topic);
    if (count === 0) throw new TopicRefusal(topic, 'unavailable', new Error(leaders.problemOf(topic) ?? 'not known'));
    return count;
  }

  return async (records: OutgoingRecord[]): Promise<ProduceBatch[]> => {
    for (const topic of new Set(records.map((record) => record.topic))) {
      if (!counts.has(topic)) counts.set(topic, await countPartitions(topic));
    }
    const all: SizedBatch[] = [];
    const newest = new Map<string, SizedBatch>();
    records.forEach((record, index) => {
      const { topic, key } = record;
      const count = counts.get(topic) ?? 1;
      const partition = key === null ? index % count : partitionOf(key, count);
      const sizeBytes = outgoingBytes(record);
      const batch = newest.get(`${topic}/${partition}`);
      if (batch && batch.sizeBytes + sizeBytes <= maxBatchBytes) {
        batch.records.push(record);
        batch.sizeBytes += sizeBytes;
      } else {
        const next = { topic, partition, records: [record], sizeBytes };
        newest.set(`${topic}/${partition}`, next);
        all.push(next);
      }
    });
    return all;
  };
}

/**
 * Stores a transaction's batches, each with its place in the sequence that the broker holds the writer to: one that is sent
 * again after the broker said no has the same records, with the same numbers.
 */
function createStore(leaders: Leaders, { producer }: Transactions) {
  const sequences = new Map<string, number>();

  function numbered(batch: ProduceBatch): ProduceBatch {
    const id = `${batch.topic}/${batch.partition}`;
    const firstSequence = sequences.get(id) ?? 0;
    // A 32-bit number that begins again after its last.
    sequences.set(id, (firstSequence + batch.records.length) % 2 ** 31);
    return { ...batch, firstSequence };
  }

  /** What becomes of those that one broker leads. */
  async function produce(leader: number | undefined, batches: ProduceBatch[]): Promise<ProduceOutcome[]> {
    if (leader === undefined)
      return batches.map(() => ({ kind: 'refused', error: leaderNotAvailable(), passes: true }));
    return (await leaders.connect(leader)).produce(batches, producer);
  }

  /** Those that are to be sent again, with what was said of the first. */
  async function attempt(batches: ProduceBatch[]): Promise<{ again: ProduceBatch[]; error?: unknown }> {
    const byLeader = [...Map.groupBy(batches, leaders.leaderOf)];
    const again: ProduceBatch[] = [];
    let error: unknown;
    await allDone(
      byLeader.map(async ([leader, some]) => {
        (await produce(leader, some)).forEach((outcome, index) => {
          const batch = some[index] as ProduceBatch;
          if (outcome.kind === 'stored') return;
          const refusal = refusalOf(batch.topic, outcome.error);
          if (outcome.kind === 'too-large' || !outcome.passes) throw refusal;
          again.push(batch);
          error ??= refusal;
        });
      }),
    );
    return { again, error };
  }

  /** At most one batch of each partition. */
  async function storeRound(round: ProduceBatch[]): Promise<void> {
    let batches = round;
    for (let pauseMs = firstPauseMs; batches.length > 0; pauseMs *= 2) {
      const { again, error } = await attempt(batches);
      batches = again;
      if (batches.length === 0) return;
      if (pauseMs > lastPauseMs) throw error;
      await pause(pauseMs);
      await leaders.refresh();
    }
  }

  return async (batches: ProduceBatch[]): Promise<void> => {
    for (const round of roundsOf(batches.map(numbered))) await storeRound(round);
  };
}

/** The first batch of each partition, then the second of each, and so on: a request has no room for two of one. */
function roundsOf(batches: ProduceBatch[]): ProduceBatch[][] {
  const rounds: ProduceBatch[][] = [];
  for (const ofPartition of Map.groupBy(batches, ({ topic, partition }) => `${topic}/${partition}`).values()) {
    ofPartition.forEach((batch, index) => (rounds[index] ??= []).push(batch));
  }
  return rounds;
}

const leaderNotAvailable = () => kafkaError(5);
