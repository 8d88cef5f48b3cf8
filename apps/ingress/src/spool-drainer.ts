import { endsBefore, pause, PublishError } from '@bridge/kafka';
import type { Publisher } from '@bridge/kafka';
import type { Log, Part } from '@bridge/service';
import type { Spool } from './spool.ts';
import type { SpooledRecord } from './spool-database.ts';

/** `wake` is called after every append: nothing polls. */
export type SpoolDrainer = Part & { wake(): void };

/** Resolves when a record that its topic does not take is kept elsewhere; rejects when that may succeed later. */
export type GiveUp = (record: SpooledRecord, error: PublishError, signal: AbortSignal) => Promise<void>;

export type SpoolDrainerOptions = {
  spool: Spool;
  publisher: Pick<Publisher, 'publish' | 'ready'>;
  giveUp: GiveUp;
  log: Pick<Log, 'info' | 'warn'>;
  /** After a failure; doubles up to 2,000 ms. 100 ms unless told. */
  firstPauseMs?: number;
};

/** A batch fits into one send of the publisher, or nearly so. */
const batchLimits = { records: 1_000, bytes: 512 * 1024 };
const longestPauseMs = 2_000;

/**
 * Publishes what the spool holds, first in, first out, and deletes it once it is acknowledged. A batch that fails is sent
 * again, whole; so a record may be published twice, and none before one that came earlier.
 */
export function createSpoolDrainer(options: SpoolDrainerOptions): SpoolDrainer {
  const { spool, publisher, log, firstPauseMs = 100 } = options;
  const stopping = new AbortController();
  const withdrawal = new AbortController();
  const step = createStep(options, withdrawal.signal);
  let running = false;
  let run: Promise<void> | undefined;

  async function drain(): Promise<void> {
    let pauseMs = firstPauseMs;
    log.info(spool.size(), 'publishing what is in the spool');
    while (!stopping.signal.aborted && (spool.size().records > 0 || spool.cannotWrite())) {
      try {
        await step();
        pauseMs = firstPauseMs;
      } catch (error) {
        if (stopping.signal.aborted) break;
        log.warn({ ...spool.size(), error: String(error) }, 'the spool waits; trying again');
        await pause(pauseMs, stopping.signal);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
    if (!stopping.signal.aborted) log.info({}, 'the spool is empty');
    // Here and not in a callback of the promise: what is appended in between would wait for the next append.
    running = false;
  }

  function wake(): void {
    if (running || stopping.signal.aborted) return;
    running = true;
    run = drain();
  }

  async function stop({ deadline }: { deadline: Date }): Promise<void> {
    stopping.abort();
    // Without a broker nothing is in flight that could still be acknowledged.
    if (publisher.ready() === true) await endsBefore(deadline, run);
    withdrawal.abort();
    await run;
  }

  const start = async () => {
    if (!spool.isEmpty()) wake();
  };
  return { name: 'spool drainer', start, stop, wake };
}

/** Publishes a batch and deletes it. Rejects when one of the two fails; then it is to be called again. */
function createStep({ spool, publisher, giveUp }: SpoolDrainerOptions, signal: AbortSignal): () => Promise<void> {
  /** Published, and not deleted yet: to be deleted first, or a full disk would have them published again and again. */
  let published: SpooledRecord[] = [];
  /** So many go one by one: one of them is too large for its topic, and only so it shows which. */
  let alone = 0;

  /** False when it is to be cut into its records. */
  async function publish(batch: SpooledRecord[]): Promise<boolean> {
    try {
      await publisher.publish(batch, { signal });
    } catch (error) {
      const [first, second] = batch;
      if (!(error instanceof PublishError) || error.kind !== 'too-large' || !first) throw error;
      if (second) return false;
      await giveUp(first, error, signal);
    }
    return true;
  }

  return async function step() {
    if (spool.cannotWrite()) spool.tryWriting();
    if (published.length === 0) {
      const batch = spool.oldest(alone > 0 ? { ...batchLimits, records: 1 } : batchLimits);
      const isPublished = await publish(batch);
      alone = isPublished ? Math.max(0, alone - 1) : batch.length;
      if (!isPublished) return;
      published = batch;
    }
    spool.remove(published);
    published = [];
  };
}
