import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError } from './command-error.ts';

/**
 * Puts a text into a file that only its owner can read, all of it or nothing: nobody reads half a secret.
 * Tells whether it said something else before. Throws a CommandError that names the file.
 */
export function writePrivateFile(path: string, content: string): boolean {
  const changed = readIfThere(path) !== content;
  place(path, content, (temporary) => renameSync(temporary, path));
  return changed;
}

/** The same, but leaves what is there: tells whether it wrote. */
export function createPrivateFile(path: string, content: string): boolean {
  if (readIfThere(path) !== undefined) return false;
  // A link, unlike a rename, fails where somebody was faster.
  place(path, content, (temporary) => linkSync(temporary, path));
  return true;
}

function place(path: string, content: string, put: (temporary: string) => void): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, content, { mode: 0o600, flag: 'wx', flush: true });
    put(temporary);
  } catch (error) {
    throw new CommandError(`${path} could not be written: ${(error as Error).message}`, 'negative', error);
  } finally {
    if (existsSync(temporary)) rmSync(temporary);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
