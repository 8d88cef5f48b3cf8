import type { Consumer } from 'kafkajs';
import type { Log } from './log.ts';

const intervalMs = 250;

/** Commits, four times a second, what moved. A commit that fails is tried again with the next one. */
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
      }
    });
    return committing;
  }

  return {
    commit,
    start: () => void (timer = setInterval(() => void commit(), intervalMs)),
    stop: () => clearInterval(timer),
    /** Partitions were assigned anew. */
    forget: () => void (committed = new Map()),
  };
}
