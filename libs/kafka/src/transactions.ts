import { kafkaError } from './broker-connection.ts';
import type { KafkaError, TransactionalProducer } from './broker-connection.ts';
import { checked, createCoordinator, isPassing } from './coordinator.ts';
import type { Answer } from './coordinator.ts';
import type { Leaders } from './leaders.ts';
import { refusalOf } from './topic-refusal.ts';
import type { GroupMember, OffsetFetchAnswer, TxnOffsetCommitAnswer } from './wire/group-offsets.ts';

/** A partition of a topic. */
type Place = { topic: string; partition: number };

/** The transactions of one transactional id, as its coordinator keeps them. */
export type Transactions = {
  producer: TransactionalProducer;
  /** Before anything is stored: what the transaction is about to write to, beside the group's offsets. */
  begin(places: Place[]): Promise<void>;
  /**
   * The group goes on at these offsets of a topic, by partition, once the transaction is committed. Rejects when `member` is
   * none any more, or is in another generation: its partitions may be somebody else's.
   */
  sendOffsets(topic: string, offsets: ReadonlyMap<number, bigint>, member: GroupMember): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  /**
   * Where the group goes on in a partition; undefined when it has committed nothing. With `requireStable` it rejects by
   * UNSTABLE_OFFSET_COMMIT while an open transaction of anybody may still move it.
   */
  committed(place: Place, requireStable: boolean): Promise<bigint | undefined>;
};

/**
 * Readers of committed records, and whoever takes over its partitions, wait this long for a writer that died in a
 * transaction, and up to 10 s longer, which is how often the broker looks.
 */
const transactionTimeoutMs = 15_000;

/** So long, usually much shorter, the end of a transaction may be on its way to its partitions. */
const markerMs = 200;

/**
 * Gets a producer id for a transactional id: whoever had one for it before is fenced, and their open transaction ended.
 * A request without an answer is not made again: it rejects, and a new producer finds out what became of it.
 */
export async function openTransactions(
  leaders: Leaders,
  { transactionalId, groupId }: { transactionalId: string; groupId: string },
): Promise<Transactions> {
  const group = createCoordinator(leaders, 'group', groupId);
  const coordinator = createCoordinator(leaders, 'transactions', transactionalId);
  const { producerId, producerEpoch } = await coordinator.ask<Answer & Omit<TransactionalProducer, 'transactionalId'>>(
    'InitProducerId',
    { transactionalId, transactionTimeout: transactionTimeoutMs },
    checked,
  );
  const producer = { transactionalId, producerId, producerEpoch };

  function addPartitions(places: Place[]): Promise<unknown> {
    const byTopic = Map.groupBy(places, ({ topic }) => topic);
    const topics = [...byTopic].map(([topic, some]) => {
      return { topic, partitions: [...new Set(some.map(({ partition }) => partition))] };
    });
    return coordinator.ask('AddPartitionsToTxn', { ...producer, topics }, checkPartitions);
  }

  const addOffsets = () => coordinator.ask<Answer>('AddOffsetsToTxn', { ...producer, groupId }, checked);
  const end = (transactionResult: boolean) =>
    coordinator.ask<Answer>('EndTxn', { ...producer, transactionResult }, checked);

  return {
    producer,
    begin: (places) => allDone(places.length > 0 ? [addPartitions(places), addOffsets()] : [addOffsets()]),
    async sendOffsets(topic, offsets, member) {
      const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: offset.toString() }));
      const request = { ...producer, ...member, groupId, topics: [{ topic, partitions }] };
      await group.ask<TxnOffsetCommitAnswer>('TxnOffsetCommit', request, checkOffsets);
    },
    commit: async () => void (await end(true)),
    abort: async () => void (await end(false)),
    async committed({ topic, partition }, requireStable) {
      const request = { groupId, topics: [{ topic, partitions: [partition] }], requireStable };
      const { topics } = await group.ask<OffsetFetchAnswer>('OffsetFetch', request, checkOffsets, markerMs);
      const offset = topics[0]?.partitions[0]?.offset ?? -1n;
      return offset < 0n ? undefined : offset;
    },
  };
}

function checkOffsets({ errorCode = 0, topics }: { errorCode?: number; topics: { partitions: Answer[] }[] }): void {
  checked({ errorCode });
  for (const { partitions } of topics) partitions.forEach(checked);
}

/** Where one partition is not taken, none is; of the others it is only said that they were not tried. */
function checkPartitions({ errors }: { errors: { topic: string; partitionErrors: Answer[] }[] }): void {
  const refused = errors.flatMap(({ topic, partitionErrors }) =>
    partitionErrors.flatMap(({ errorCode }) => (errorCode === 0 ? [] : { topic, error: kafkaError(errorCode) })),
  );
  const first = refused.find(({ error }) => wasTried(error)) ?? refused[0];
  if (first) throw isPassing(first.error) ? first.error : refusalOf(first.topic, first.error);
}

const wasTried = ({ type }: KafkaError) => type !== 'OPERATION_NOT_ATTEMPTED';

/** Waits for all of them, also when one fails: nothing of a transaction is under way any more when it is given up. */
export async function allDone(all: Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(all);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
