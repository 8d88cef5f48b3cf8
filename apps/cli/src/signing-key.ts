import { readFileSync } from 'node:fs';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';

/** Where the signing key comes from. */
export type KeyOptions = { keyEnv?: string; keyFile?: string; key?: string };

/** The key that the options name, or undefined when they name none. Throws a CommandError for one that isn't there. */
export function signingKey({ keyEnv, keyFile, key }: KeyOptions, context: CommandContext): string | undefined {
  const named = [keyEnv, keyFile, key].filter((option) => option !== undefined);
  if (named.length > 1) throw new CommandError('give one of --key-env, --key-file and --key', 'usage');
  if (keyEnv !== undefined) return nonEmpty(context.env[keyEnv], `the environment variable ${keyEnv}`);
  if (keyFile !== undefined) return nonEmpty(readKeyFile(keyFile), `the file ${keyFile}`);
  if (key === undefined) return undefined;
  context.note(
    'Warning: a key on the command line is seen by other users of this machine and kept in the shell history.',
  );
  return nonEmpty(key, '--key');
}

/** Without the line breaks that editors put at the end: so are the secrets of bridge.yaml read. */
function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    throw new CommandError(`the key could not be read: ${(error as Error).message}`, 'usage', error);
  }
}

function nonEmpty(key: string | undefined, where: string): string {
  if (key) return key;
  throw new CommandError(`${where} is empty or not set, and nothing can be signed without a key`, 'usage');
}
