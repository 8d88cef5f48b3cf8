import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export type Supervised = {
  pid: number;
  /** What it writes, where that was asked for. */
  stdout: Readable | null;
  stderr: Readable | null;
  /** Undefined while it runs. */
  exitCode(): number | undefined;
  /** Settles with the exit code when it has ended. */
  ended: Promise<number>;
  /** Asks it to end (SIGTERM, later SIGKILL) and waits until it has. */
  stop(): Promise<void>;
};

export type SupervisedOptions = {
  output: 'inherit' | 'pipe' | number;
  env?: Record<string, string | undefined>;
  /** How long after SIGTERM comes SIGKILL; whole seconds. */
  killAfterSeconds?: number;
  /** A temporary folder to remove at the end, whatever the end is. */
  removeAfter?: string | undefined;
};

/**
 * Starts a command that ends when this process does, whatever ends it. It runs in a process group of its own, so that a
 * Ctrl-C in the terminal does not reach it: the caller stops it when its turn has come.
 */
export function startSupervised(
  command: readonly string[],
  { output, env = {}, killAfterSeconds = 15, removeAfter = '' }: SupervisedOptions,
): Supervised {
  const child = spawn('sh', [join(import.meta.dirname, 'until-parent-ends.sh'), ...command], {
    stdio: ['pipe', output, output],
    detached: true,
    env: { ...process.env, ...env, KILL_AFTER: String(killAfterSeconds), REMOVE_AFTER: removeAfter },
  });
  const exitCode = () => child.exitCode ?? (child.signalCode === null ? undefined : 1);
  const ended = once(child, 'exit').then(() => exitCode() ?? 1);
  return {
    pid: child.pid ?? 0,
    stdout: child.stdout,
    stderr: child.stderr,
    exitCode,
    ended,
    stop: async () => {
      child.stdin?.destroy();
      await ended;
    },
  };
}
