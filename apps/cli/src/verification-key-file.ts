import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { createPrivateFile } from './private-file.ts';

/** 48 hex digits: what no form, JSON or header has to escape. */
const keyBytes = 24;

/** Makes a verification key in a file that only its owner reads, unless there is one, and gives what the file holds. */
export function verificationKeyFile(path: string, context: CommandContext): { key: string; isNew: boolean } {
  const isNew = createPrivateFile(path, `${randomBytes(keyBytes).toString('hex')}\n`);
  context.note(isNew ? `Made a verification key in ${path}.` : `${path} is there already: its key is used.`);
  return { key: read(path), isNew };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    throw new CommandError(`${path} could not be read: ${(error as Error).message}`, 'usage', error);
  }
}
