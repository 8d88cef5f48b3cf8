import { pause, PublishError } from '@bridge/kafka';
import type { OutgoingRecord, Publisher, Tenure } from '@bridge/kafka';
import type { Logger } from '@bridge/telemetry';
import { createFollower } from './follow-signal.ts';

const publishPauseMs = 1_000;
/** Thousands may wait at once, each trying again every second: one line tells of all. */
const reminderMs = 10_000;
const isTooLarge = (error: unknown) => error instanceof PublishError && error.kind === 'too-large';

/**
 * Stores what became of a command, for as long as it takes: one record after the other, as a result without its dead
 * letter would be the end of a command that nobody can replay. False when the command was no longer this process's before
 * the broker had them all: then its next owner says what became of it.
 */
export function createResultStore({ publisher, log }: { publisher: Publisher; log: Logger }) {
  const follow = createFollower();
  const waiting = new Set<OutgoingRecord>();
  let toldAt = -Infinity;

  function tellNowAndThen(error: unknown): void {
    if (performance.now() - toldAt < reminderMs) return;
    toldAt = performance.now();
    log.warn({ waiting: waiting.size, error: String(error) }, 'results wait to be stored');
  }

  return async (records: OutgoingRecord[], tenure: Tenure): Promise<boolean> => {
    for (const record of records) {
      if (!(await store(record, tenure))) return false;
    }
    return true;
  };

  async function store(record: OutgoingRecord, tenure: Tenure): Promise<boolean> {
    try {
      return await storeInTime(record, tenure);
    } finally {
      waiting.delete(record);
    }
  }

  async function storeInTime(record: OutgoingRecord, tenure: Tenure): Promise<boolean> {
    for (;;) {
      const deadline = await tenure.storeBy();
      if (!deadline) return false;
      const { signal, end } = follow(tenure.ended);
      try {
        await publisher.publish([record], { deadline, signal });
        return true;
      } catch (error) {
        if (isTooLarge(error)) {
          // Only a key or an id beyond all measure gets here, and its dead letter is stored.
          log.error(
            { topic: record.topic, error: String(error) },
            'a record is too large for its topic and is left out',
          );
          return true;
        }
        waiting.add(record);
        tellNowAndThen(error);
        await pause(publishPauseMs, tenure.ended);
      } finally {
        end();
      }
    }
  }
}
