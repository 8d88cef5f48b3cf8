import type { Consumer } from 'kafkajs';
import type { Log } from './log.ts';

const delayMs = 250;

/** Commits what moved, a quarter of a second after it was told of it. A commit that fails is tried again after as long. */
export function createOffsetCommitter(options: {
  consumer: Consumer;
  topic: string;
  log: Log;
  /** What may be committed, of each partition of which something was accepted. */
  committable(): { partition: number; offset: number }[];
}) {
  const { consumer, topic, log, committable } = options;
  let committed = new Map<number, number>();
  let committing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  function commit(): Promise<void> {
    committing = committing.then(async () => {
      const known = committed;
      const moved = committable().filter(({ partition, offset }) => offset > (known.get(partition) ?? -1));
      if (moved.length === 0) return;
      try {
        const offsets = moved.map(({ partition, offset }) => ({ topic, partition, offset: String(offset) }));
        await consumer.commitOffsets(offsets);
        for (const { partition, offset } of moved) known.set(partition, offset);
      } catch (error) {
        log.warn({ topic, error: String(error) }, 'offsets could not be committed yet');
        soon();
      }
    });
    return committing;
  }

  function soon(): void {
    if (isStopped) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void commit();
    }, delayMs);
  }

  function stop(): void {
    isStopped = true;
    clearTimeout(timer);
  }

  return {
    commit,
    /** Something may have moved. */
    soon,
    /** From then on only `commit` commits. */
    stop,
    /** Partitions were assigned anew. */
    forget: () => void (committed = new Map()),
  };
}
