import { ConfigError } from '@bridge/config';
import { CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { exitCodes } from './command-error.ts';

/** Tells what went wrong, on standard error, and gives the code to exit with. */
export function reportError(error: unknown, { note, env }: CommandContext): number {
  // commander has said it already, or it was a wish: help, version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const { message, stack, exitCode } = error as { message?: string; stack?: string; exitCode?: unknown };
  const code = typeof exitCode === 'number' ? exitCode : undefined;
  note(error instanceof ConfigError ? `bridge: bad configuration\n${message}` : `bridge: ${message ?? String(error)}`);
  if (code === undefined || env['LOG_LEVEL'] === 'debug') note(stack ?? '(no stack)');
  return code ?? exitCodes.negative;
}
