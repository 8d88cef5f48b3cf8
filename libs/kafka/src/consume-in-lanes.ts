import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { KafkaClient } from './connect-kafka.ts';
import { createGroupConsumer } from './consumer.ts';
import { ConsumerLostError } from './errors.ts';
import { Lanes } from './lanes.ts';
import { openLedger, readLedger } from './ledger-reader.ts';
import type { Ledger, LedgerProgress } from './ledger-reader.ts';
import { createOffsetCommitter } from './offset-committer.ts';
import { OffsetWindow } from './offset-window.ts';
import { bytesOf, ownMessages } from './own-messages.ts';
import { createPartitionProgress } from './partition-progress.ts';
import type { PartitionProgress } from './partition-progress.ts';
import { endsBefore, pause } from './pause.ts';
import { consumedRecord } from './records.ts';
import type { ConsumedRecord } from './records.ts';
import { createTenure, longestWorkMs, storingMs } from './tenure.ts';
import type { Tenure } from './tenure.ts';

/**
 * What became of a record. `done`: its offset may be committed. `abandoned`: its tenure ended first, another member or
 * the next run of this one will take it.
 */
export type LaneOutcome = 'done' | 'abandoned';

/**
 * Handles a record while its key's next one waits; `goOn` lets that one begin, though this is not done yet. Must not reject:
 * a rejection is taken for a fault of the program and ends the consumer.
 */
export type HandleRecord = (record: ConsumedRecord, tenure: Tenure, goOn: () => void) => Promise<LaneOutcome>;

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
  /** Of each assigned partition. */
  progress(): Map<number, PartitionProgress>;
  /**
   * Whether a record that waits in its lane for long must be finished at once, because its partition's window is nearly
   * full. If so, it counts no more when the next is asked about: only as many give way as there is need for.
   */
  mustGiveWay(record: Pick<ConsumedRecord, 'partition' | 'offset'>): boolean;
};

type Assignment = ReturnType<typeof createTenure> & {
  window: OffsetWindow;
  /** Whether the partition is paused because its window is full. */
  isPaused: boolean;
  ledger: LedgerProgress;
};

/** Of a window: how full it is when room is made in it, before its partition is paused. */
const crowdedShare = 0.8;
/** Of a window: how full it may be for its partition to go on after a pause. */
const resumeShare = 0.5;

/**
 * Consumes a topic with one queue a key: records of one key are handled one after the other in the topic's order, keys
 * side by side, so that a slow one holds up nobody else. What is committed is the lowest offset that is not finished:
 * a crash repeats, it never loses. A partition with a full window is paused; the others go on. Before the member joins
 * again in a rebalance, what runs ends and is committed, so that the next owner of a partition repeats nothing.
 */
export function consumeInLanes(options: {
  client: KafkaClient;
  groupId: string;
  topic: string;
  handle: HandleRecord;
  /** A topic of as many partitions that tells of earlier handling; its recent part is read before any record is handled. */
  ledger: Ledger;
  /** Records of one partition accepted and not finished; 5,000 unless told. */
  maxUnfinished?: number;
  /** Their bytes; 16 MiB unless told. */
  maxUnfinishedBytes?: number;
  /** Records were accepted into a window that is nearly full: somebody in it may have to give way. */
  onCrowded?(partition: number): void;
  onFatal(error: ConsumerLostError): void;
}): LaneConsumer {
  const { client, groupId, topic, handle, ledger, onCrowded, onFatal } = options;
  const { maxUnfinished = 5_000, maxUnfinishedBytes = 16 << 20 } = options;
  const lanes = new Lanes();
  const assignments = new Map<number, Assignment>();
  const progress = createPartitionProgress();
  const group = createGroupConsumer({
    client,
    groupId,
    topics: [topic, ledger.topic],
    // Of the first fetches all is in memory at once, beside windows that fill; more makes nothing quicker.
    maxFetchBytes: 4 << 20,
    eachBatch,
    beforeJoin: handOver,
    onAssigned,
    // kafkajs has left the group by then: somebody else may have the partitions.
    onCrash: endAll,
    onFatal,
  });
  const committer = createOffsetCommitter({
    consumer: group.consumer,
    topic,
    log: client.log,
    committable: () =>
      [...assignments].flatMap(([partition, { window }]) => {
        return window.committable === undefined ? [] : [{ partition, offset: window.committable }];
      }),
  });
  let stopping = false;

  function endAll(): void {
    for (const { end } of assignments.values()) end();
    assignments.clear();
    progress.assign([]);
  }

  function onAssigned(partitions: number[]): void {
    endAll();
    committer.forget();
    progress.assign(partitions);
    for (const partition of partitions) {
      const fresh = { window: new OffsetWindow(), isPaused: false, ledger: { kind: 'unread' } as const };
      assignments.set(partition, { ...createTenure(group.membership), ...fresh });
    }
    // Pauses outlive a rebalance.
    fetching('resume', partitions);
    group.consumer.pause([{ topic: ledger.topic, partitions }]);
  }

  const isFull = ({ window }: Assignment, share = 1) =>
    window.unfinished >= maxUnfinished * share || window.unfinishedBytes >= maxUnfinishedBytes * share;

  function isCrowded({ window, isPaused }: Assignment): boolean {
    const share = isPaused ? resumeShare : crowdedShare;
    return window.staying >= maxUnfinished * share || window.stayingBytes >= maxUnfinishedBytes * share;
  }

  function mustGiveWay({ partition, offset }: Pick<ConsumedRecord, 'partition' | 'offset'>): boolean {
    const assignment = assignments.get(partition);
    if (!assignment || !isCrowded(assignment)) return false;
    assignment.window.leave(Number(offset));
    return true;
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const assignment = assignments.get(batch.partition);
    if (!assignment || stopping || assignment.tenure.ending.aborted || batch.messages.length === 0) return;
    if (batch.topic === topic) progress.fetched(batch);
    try {
      if (batch.topic === ledger.topic) {
        assignment.ledger = readLedger({
          ledger,
          payload,
          topic,
          progress: assignment.ledger,
          consumer: group.consumer,
        });
      } else if (assignment.ledger.kind !== 'read') {
        const isCurrent = () => assignments.get(batch.partition) === assignment && !assignment.tenure.ending.aborted;
        assignment.ledger = await openLedger({ client, groupId, ledger, batch, consumer: group.consumer, isCurrent });
      } else {
        accept(assignment, payload);
      }
    } catch (error) {
      client.log.warn({ topic: batch.topic, partition: batch.partition, err: error }, 'a batch waits to be taken');
      await pause(500);
    }
  }

  function accept(assignment: Assignment, { batch, resolveOffset, isRunning, isStale }: EachBatchPayload): void {
    const { partition } = batch;
    const accepted: KafkaMessage[] = [];
    for (const message of batch.messages) {
      if (!isRunning() || isStale()) break;
      if (assignment.window.accept(Number(message.offset), bytesOf(message))) accepted.push(message);
      resolveOffset(message.offset);
      if (!isFull(assignment)) continue;
      assignment.isPaused = true;
      fetching('pause', [partition]);
      break;
    }
    const laneOf = ({ key, offset }: KafkaMessage) => `${partition}/${key?.toString('utf8') ?? `@${offset}`}`;
    for (const [lane, fetched] of Map.groupBy(accepted, laneOf)) {
      // What waits must not hold on to the batch, nor to its own `pause`: that is the whole response.
      for (const message of ownMessages(fetched)) {
        lanes.push(lane, (goOn) => run(partition, message, assignment, goOn));
      }
    }
    committer.soon();
    if (isCrowded(assignment)) onCrowded?.(partition);
  }

  async function run(
    partition: number,
    message: KafkaMessage,
    assignment: Assignment,
    goOn: () => void,
  ): Promise<void> {
    if (assignment.tenure.ending.aborted) return;
    const { offset } = message;
    try {
      const record = consumedRecord(topic, partition, message);
      if ((await handle(record, assignment.tenure, goOn)) === 'abandoned') return;
    } catch (error) {
      client.log.error({ topic, partition, offset, err: error }, 'a handler failed in a way it must not');
      onFatal(new ConsumerLostError(`the handler of ${topic} failed at ${partition}@${offset}: ${String(error)}`));
      return;
    }
    assignment.window.finish(Number(offset));
    committer.soon();
    progress.moved(partition, assignment.window.committable);
    if (!assignment.isPaused || isFull(assignment, resumeShare)) return;
    assignment.isPaused = false;
    if (!assignment.tenure.ending.aborted) fetching('resume', [partition]);
  }

  function fetching(change: 'pause' | 'resume', partitions: number[]): void {
    try {
      if (partitions.length > 0) group.consumer[change]([{ topic, partitions }]);
    } catch {
      // A consumer that crashed fetches nothing anyway, and everything when it starts again.
    }
  }

  /** Ends what waits, waits for what runs, and commits. After that nothing is this member's. */
  async function finish(deadline: Date): Promise<void> {
    for (const { beginEnd } of assignments.values()) beginEnd();
    await endsBefore(deadline, drained(deadline));
    await endsBefore(deadline, committer.commit());
    endAll();
  }

  async function drained(deadline: Date): Promise<void> {
    while (lanes.isBusy && Date.now() < deadline.getTime()) await pause(20);
  }

  async function handOver(): Promise<void> {
    if (assignments.size === 0) return;
    // Of one that is no member any more there is nothing to hand over.
    if (group.membership.sureForMs() < storingMs) return endAll();
    client.log.info({ groupId, topic }, 'handing over before joining again');
    await finish(new Date(Date.now() + longestWorkMs));
  }

  async function stop({ deadline }: { deadline: Date }): Promise<void> {
    stopping = true;
    committer.stop();
    fetching('pause', [...assignments.keys()]);
    await finish(deadline);
    await group.leave({ deadline });
  }

  const unfinished = () => {
    const entries = [...assignments].map(([partition, { window }]) => {
      return [partition, { records: window.unfinished, bytes: window.unfinishedBytes }] as const;
    });
    return new Map(entries);
  };
  return {
    name: `consumer of ${topic}`,
    start: group.start,
    stop,
    ready: group.ready,
    alive: group.alive,
    unfinished,
    progress: progress.read,
    mustGiveWay,
  };
}
