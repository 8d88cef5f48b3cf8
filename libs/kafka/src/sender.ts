import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BrokerConnection, ProduceOutcome } from './broker-connection.ts';
import type { KafkaClient } from './connect-kafka.ts';
import { createLeaders } from './leaders.ts';
import type { PartitionQueue, Waiting } from './partition-queue.ts';
import { createPartitionQueues } from './partition-queues.ts';
import { pause, pauseAfter } from './pause.ts';
import { createPersistence } from './persistence.ts';
import { createPlacing } from './placing.ts';
import { settleBatch } from './settle-batch.ts';
import type { Batch } from './settle-batch.ts';
import { createTroubleLog } from './trouble-log.ts';

/** So many records are not waited with. */
const many = 64;

/** A batch that was sent to a partition, and how long the broker took. */
export type SentBatch = { topic: string; records: number; seconds: number; result: 'stored' | 'failed' };

/**
 * Sends what waits, as Kafka's own producers do: one request in flight to each broker, with a batch of every partition that
 * it leads. So a broker that hangs delays no other's partitions; each batch has an answer of its own; and a partition never
 * has two under way, which keeps its order.
 */
export function createSender(options: {
  client: KafkaClient;
  requestTimeoutMs: number;
  maxBatchBytes: number;
  lingerMs: number;
  onBatch?: ((batch: SentBatch) => void) | undefined;
}) {
  const { client, requestTimeoutMs, maxBatchBytes, lingerMs, onBatch } = options;
  const leaders = createLeaders(client, requestTimeoutMs);
  const queues = createPartitionQueues(leaders.leaderOf);
  const trouble = createTroubleLog(client.log);
  const closed = new AbortController();
  const { persist, start } = createPersistence(leaders, trouble, closed.signal);
  const placing = createPlacing({ leaders, persist, trouble, place });
  /** The brokers that have a request in flight. */
  const busy = new Set<number>();
  let isWoken = false;

  function place(one: Waiting, partition: number): void {
    queues.add(one, partition);
    if (isWoken) return;
    isWoken = true;
    queueMicrotask(wake);
  }

  function remove(one: Waiting): void {
    placing.remove(one);
    queues.remove(one);
  }

  function wake(): void {
    isWoken = false;
    leaders.refreshWhenOld();
    for (const queue of queues.waiting()) {
      const leader = leaders.leaderOf(queue);
      if (leader === undefined) void recover(queue);
      else if (!busy.has(leader)) void run(leader);
    }
  }

  /** Sends until nothing waits for this broker. */
  async function run(leader: number): Promise<void> {
    busy.add(leader);
    try {
      for (;;) {
        const connection = await leaders.connect(leader);
        if (lingerMs > 0 && queues.countFor(leader) < many) await pause(lingerMs, closed.signal);
        if (queues.expire(leader)) {
          // Whoever withdraws other calls for it does so before they are sent.
          await nextTurn();
          continue;
        }
        const batches = queues.take(leader, maxBatchBytes);
        if (batches.length === 0) break;
        await send(connection, leader, batches);
      }
    } catch {
      // It can't be reached. Nothing was taken.
      for (const queue of queues.waitingFor(leader)) void recover(queue);
    }
    busy.delete(leader);
  }

  async function send(connection: BrokerConnection, leader: number, batches: Batch[]): Promise<void> {
    let outcomes: ProduceOutcome[];
    const startedAt = performance.now();
    try {
      outcomes = await connection.produce(batches.map(contentOf));
    } catch (error) {
      // What this connection still has to say comes too late.
      leaders.drop(leader);
      outcomes = batches.map(() => ({ kind: 'refused', error: error as Error, passes: true }));
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    batches.forEach((batch, index) => settle(batch, outcomes[index] as ProduceOutcome, seconds));
    // A partition that has another leader by now has waited for this answer.
    wake();
  }

  function settle(batch: Batch, outcome: ProduceOutcome, seconds: number): void {
    const { queue, entries } = batch;
    const result = outcome.kind === 'stored' ? 'stored' : 'failed';
    onBatch?.({ topic: queue.topic, records: entries.length, seconds, result });
    queue.state = 'ready';
    const settled = settleBatch(batch, outcome);
    if (outcome.kind === 'stored') trouble.worked(queue);
    else if (settled === 'later') {
      trouble.failed(queue, outcome.error);
      void recover(queue);
    } else if (settled === 'failed') {
      const { topic, partition } = queue;
      client.log.warn({ topic, partition, records: entries.length, error: outcome.error.message }, 'a send failed');
    }
  }

  /** Holds the queue until its leader can be reached, however long that takes. */
  async function recover(queue: PartitionQueue): Promise<void> {
    queue.state = 'held';
    if (queue.failures > 0) await pause(pauseAfter(queue.failures), closed.signal);
    const isReached = await persist(queue, async () => {
      const leader = leaders.leaderOf(queue);
      if (leader === undefined) throw new Error(`${queue.topic}[${queue.partition}] has no leader`);
      await leaders.connect(leader);
    });
    if (!isReached) return;
    queue.state = 'ready';
    if (queue.isEmpty()) trouble.worked(queue);
    wake();
  }

  async function close(): Promise<void> {
    closed.abort();
    await leaders.close();
  }

  return { start, add: placing.add, remove, close, trouble: leaders.trouble };
}

const contentOf = ({ queue: { topic, partition }, entries }: Batch) => {
  return { topic, partition, records: entries.map(({ record }) => record) };
};
