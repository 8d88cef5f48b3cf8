import { readFileSync, statSync, type BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Of each file that was looked at, by its path, how it stood: another stamp whenever its content may be another. */
export type Stamps = Map<string, string>;

/** Symbolic links are followed: a mounted ConfigMap or Secret changes by what its links lead to. */
const stampOf = ({ dev, ino, size, ctimeNs }: BigIntStats): string => [dev, ino, size, ctimeNs].join(' ');

/** Why it can't be told how a file stands: that, too, may change. */
const stampOfFault = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

/** Reads a file, and notes how it stood before: a change while it is read gives another stamp. */
export function readStamped(path: string, stamps: Stamps): string {
  try {
    stamps.set(path, stampOf(statSync(path, { bigint: true })));
  } catch (error) {
    stamps.set(path, stampOfFault(error));
  }
  return readFileSync(path, 'utf8');
}

/** Half of the threads that Node has for such: the others must go on when a file system of the network hangs. */
const lookers = 2;

/** How these files stand now. */
export async function stampsOf(paths: MapIterator<string>): Promise<Stamps> {
  const stamps: Stamps = new Map();
  // Each takes the next of the same paths.
  const look = async () => {
    for (const path of paths) stamps.set(path, await lookAt(path));
  };
  await Promise.all(Array.from({ length: lookers }, look));
  return stamps;
}

const lookAt = (path: string): Promise<string> => stat(path, { bigint: true }).then(stampOf, stampOfFault);

export function sameStamps(one: Stamps, other: Stamps): boolean {
  return one.size === other.size && [...one].every(([path, stamp]) => other.get(path) === stamp);
}
