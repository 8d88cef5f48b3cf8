import { kafkaError } from './broker-connection.ts';
import type { KafkaError, TransactionalProducer } from './broker-connection.ts';
import { checked, createCoordinator, isPassing } from './coordinator.ts';
import type { Answer } from './coordinator.ts';
import type { Leaders } from './leaders.ts';
import { refusalOf } from './topic-refusal.ts';

/** A partition of a topic. */
type Place = { topic: string; partition: number };

/** The transactions of one transactional id, as its coordinator keeps them. */
export type Transactions = {
  producer: TransactionalProducer;
  /** Before anything is stored: what the transaction is about to write to, beside the group's offsets. */
  begin(places: Place[]): Promise<void>;
  /** The group goes on at `next` once the transaction is committed. */
  sendOffset(place: Place, next: bigint): Promise<void>;
  commit(): Promise<void>;
};

/** Readers of committed records wait this long at most for a writer that died in a transaction. */
const transactionTimeoutMs = 15_000;

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

  return {
    producer,
    begin: (places) => allDone(places.length > 0 ? [addPartitions(places), addOffsets()] : [addOffsets()]),
    async sendOffset({ topic, partition }, next) {
      const topics = [{ topic, partitions: [{ partition, offset: next.toString() }] }];
      await group.ask('TxnOffsetCommit', { ...producer, groupId, topics }, checkOffsets);
    },
    async commit() {
      await coordinator.ask<Answer>('EndTxn', { ...producer, transactionResult: true }, checked);
    },
  };
}

function checkOffsets({ topics }: { topics: { partitions: Answer[] }[] }): void {
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
