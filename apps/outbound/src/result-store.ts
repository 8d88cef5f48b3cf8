import { pause, PublishError } from '@bridge/kafka';
import type { OutgoingRecord, Publisher, Tenure } from '@bridge/kafka';
import type { Logger } from '@bridge/telemetry';

const publishPauseMs = 1_000;
const isTooLarge = (error: unknown) => error instanceof PublishError && error.kind === 'too-large';

/**
 * Stores what became of a command, for as long as it takes. False when the command was no longer this process's before
 * the broker had it: then its next owner says what became of it.
 */
export function createResultStore(parts: { publisher: Publisher; deadLetters: string; log: Logger }) {
  const { publisher, deadLetters, log } = parts;

  return async (given: OutgoingRecord[], tenure: Tenure): Promise<boolean> => {
    let records = given;
    while (records.length > 0) {
      const deadline = await tenure.storeBy();
      if (!deadline) return false;
      try {
        // A signal of its own: where thousands listen to one, each that joins or leaves goes through all the others.
        await publisher.publish(records, { deadline, signal: AbortSignal.any([tenure.ended]) });
        return true;
      } catch (error) {
        if (isTooLarge(error)) {
          // Only a key or an id beyond all measure gets here. The dead letter, which its topic takes, is what remains.
          log.error({ error: String(error) }, 'a result is too large for its topic and is left out');
          records = records.filter(({ topic }) => topic === deadLetters).slice(0, records.length - 1);
          continue;
        }
        log.warn({ error: String(error) }, 'a result waits to be stored');
        await pause(publishPauseMs, tenure.ended);
      }
    }
    return true;
  };
}
