import { readFileSync, statSync } from 'node:fs';
import { setImmediate as otherWork } from 'node:timers/promises';

/** Of each file that was looked at, by its path, how it stood: another stamp whenever its content may be another. */
export type Stamps = Map<string, string>;

/**
 * How a file stands, or why that can't be told. Symbolic links are followed: a mounted ConfigMap or Secret changes by
 * what its links lead to.
 */
function stampOf(path: string): string {
  try {
    const { dev, ino, size, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** Reads a file, and notes how it stood before: a change while it is read gives another stamp. */
export function readStamped(path: string, stamps: Stamps): string {
  stamps.set(path, stampOf(path));
  return readFileSync(path, 'utf8');
}

/** Thousands of files take some milliseconds: nobody shall wait for all of them. */
const filesATime = 100;

/** How these files stand now. */
export async function stampsOf(paths: Iterable<string>): Promise<Stamps> {
  const stamps: Stamps = new Map();
  for (const path of paths) {
    stamps.set(path, stampOf(path));
    if (stamps.size % filesATime === 0) await otherWork();
  }
  return stamps;
}

export function sameStamps(one: Stamps, other: Stamps): boolean {
  return one.size === other.size && [...one].every(([path, stamp]) => other.get(path) === stamp);
}
