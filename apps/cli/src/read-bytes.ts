import { readFileSync } from 'node:fs';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';

/** The bytes of a file, or of standard input for `-`. Throws a usage error when the file can't be read. */
export async function readBytes(path: string, context: CommandContext): Promise<Buffer> {
  if (path === '-') return context.readInput();
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandError(`${path} could not be read: ${(error as Error).message}`, 'usage', error);
  }
}
