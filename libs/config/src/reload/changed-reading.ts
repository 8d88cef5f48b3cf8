import type { SecretName } from '../bridge-config.ts';
import type { BridgeConfigSource, Reading } from '../read-bridge-file.ts';
import { readInWorker } from './read-in-worker.ts';
import { sameStamps, stampsOf, type Stamps } from '../stamped-files.ts';

/**
 * Looks at the files that were read, and reads them again when they changed: once all of them stood the same at two looks
 * and when they were read. So none is half written, and a file system whose clock is coarse hides no change. Looking is
 * all that works on every file system, on mounts whose links are swapped as well as on those of the network.
 *
 * @param first how the files stood at the reading there is
 * @returns what looks once, and gives the new reading when there is one
 */
export function createChangedReading<S extends SecretName>(source: BridgeConfigSource<S>, first: Stamps) {
  let read = first;
  let seen = first;

  return async function look(signal: AbortSignal): Promise<Reading<S> | undefined> {
    const now = await stampsOf(seen.keys());
    const isQuiet = sameStamps(now, seen);
    seen = now;
    if (!isQuiet || sameStamps(now, read)) return undefined;
    const reading = await readInWorker(source, signal);
    // Other files than before, or changed again: they have to be looked at first.
    seen = reading.stamps;
    if (!sameStamps(reading.stamps, now)) return undefined;
    read = now;
    return reading;
  };
}
