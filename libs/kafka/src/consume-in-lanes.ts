import type { EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { createGroupConsumer } from './consumer.ts';
import { ConsumerLostError } from './errors.ts';
import { Lanes } from './lanes.ts';
import { OffsetWindow } from './offset-window.ts';
import { endsBefore, pause } from './pause.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord } from './records.ts';

/**
 * What became of a record. `done`: its offset may be committed. `abandoned`: the signal aborted first, another member
 * or the next run of this one will take it.
 */
export type LaneOutcome = 'done' | 'abandoned';

/** Part of a service: starts, stops, says whether it is ready and alive. */
export type LaneConsumer = {
  name: string;
  start(): Promise<void>;
  /** Starts nothing new, waits for what runs until `deadline`, commits, leaves the group. */
  stop(options: { deadline: Date }): Promise<void>;
  ready(): true | string;
  alive(): true | string;
  /** Of each assigned partition: accepted and not finished. */
  unfinished(): Map<number, { records: number; bytes: number }>;
};

type Assignment = { window: OffsetWindow; end: AbortController; resume: (() => void) | undefined; committed: number };

const commitIntervalMs = 250;

/**
 * Consumes a topic with one queue a key: records of one key are handled one after the other in the topic's order, keys
 * side by side, so that a slow one holds up nobody else. What is committed is the lowest offset that is not finished:
 * a crash repeats, it never loses. A partition with a full window is paused; the others go on.
 */
export function consumeInLanes(options: {
  client: KafkaClient;
  groupId: string;
  topic: string;
  /** Must not reject: a rejection is taken for a fault of the program and ends the consumer. */
  handle(record: ConsumedRecord, signal: AbortSignal): Promise<LaneOutcome>;
  /** Records of one partition accepted and not finished; 5,000 unless told. */
  maxUnfinished?: number;
  /** Their bytes; 16 MiB unless told. */
  maxUnfinishedBytes?: number;
  onFatal(error: ConsumerLostError): void;
}): LaneConsumer {
  const { client, groupId, topic, handle, onFatal, maxUnfinished = 5_000, maxUnfinishedBytes = 16 << 20 } = options;
  const lanes = new Lanes();
  const assignments = new Map<number, Assignment>();
  const group = createGroupConsumer({ client, groupId, topic, eachBatch, onAssigned, onFatal });
  let commitTimer: NodeJS.Timeout | undefined;
  let committing: Promise<void> = Promise.resolve();
  let stopping = false;

  function onAssigned(partitions: number[]): void {
    for (const [partition, { end }] of assignments) {
      if (partitions.includes(partition)) continue;
      end.abort();
      assignments.delete(partition);
    }
    for (const partition of partitions) {
      if (assignments.has(partition)) continue;
      const fresh = { window: new OffsetWindow(), end: new AbortController(), resume: undefined, committed: -1 };
      assignments.set(partition, fresh);
    }
  }

  const isFull = ({ window }: Assignment, share = 1) =>
    window.unfinished >= maxUnfinished * share || window.unfinishedBytes >= maxUnfinishedBytes * share;

  async function eachBatch({ batch, resolveOffset, isRunning, isStale, pause: pauseHere }: EachBatchPayload) {
    const assignment = assignments.get(batch.partition);
    if (!assignment || stopping) return;
    for (const message of batch.messages) {
      if (!isRunning() || isStale()) return;
      const record = consumedRecord(topic, batch.partition, message);
      if (assignment.window.accept(Number(record.offset), record.sizeBytes)) {
        lanes.push(record.key ?? `${record.partition}@${record.offset}`, () => run(record, assignment));
      }
      resolveOffset(message.offset);
      if (!isFull(assignment)) continue;
      assignment.resume ??= pauseHere();
      return;
    }
  }

  async function run(record: ConsumedRecord, assignment: Assignment): Promise<void> {
    if (assignment.end.signal.aborted) return;
    try {
      if ((await handle(record, assignment.end.signal)) === 'abandoned') return;
    } catch (error) {
      const { partition, offset } = record;
      client.log.error({ topic, partition, offset, err: error }, 'a handler failed in a way it must not');
      onFatal(new ConsumerLostError(`the handler of ${topic} failed at ${partition}@${offset}: ${String(error)}`));
      return;
    }
    assignment.window.finish(Number(record.offset));
    if (!assignment.resume || isFull(assignment, 0.5)) return;
    assignment.resume();
    assignment.resume = undefined;
  }

  /** Commits what moved. A commit that fails is tried again with the next one. */
  function commit(): Promise<void> {
    committing = committing.then(async () => {
      const moved = [...assignments].filter(([, { window, committed }]) => (window.committable ?? -1) > committed);
      const offsets = moved.map(([partition, { window }]) => ({
        topic,
        partition,
        offset: String(window.committable),
      }));
      if (offsets.length === 0) return;
      try {
        await group.consumer.commitOffsets(offsets);
        offsets.forEach(({ offset }, index) => ((moved[index] as (typeof moved)[0])[1].committed = Number(offset)));
      } catch (error) {
        client.log.warn({ groupId, topic, error: String(error) }, 'offsets could not be committed yet');
      }
    });
    return committing;
  }

  async function drained(): Promise<void> {
    while (lanes.busy > 0) await pause(20);
  }

  async function start(): Promise<void> {
    await group.start();
    commitTimer = setInterval(() => void commit(), commitIntervalMs);
  }

  async function stop({ deadline }: { deadline: Date }): Promise<void> {
    stopping = true;
    clearInterval(commitTimer);
    group.consumer.pause([{ topic }]);
    for (const { end } of assignments.values()) end.abort();
    await endsBefore(deadline, drained());
    await endsBefore(deadline, commit());
    await group.leave({ deadline });
  }

  const unfinished = () => {
    const entries = [...assignments].map(([partition, { window }]) => {
      return [partition, { records: window.unfinished, bytes: window.unfinishedBytes }] as const;
    });
    return new Map(entries);
  };
  return { name: `consumer of ${topic}`, start, stop, ready: group.ready, alive: group.alive, unfinished };
}
