import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { join } from 'node:path';

export type Supervised = {
  pid: number;
  /** Undefined while it runs. */
  exitCode(): number | undefined;
  /** Asks it to end (SIGTERM, after 15 s SIGKILL) and waits until it has. */
  stop(): Promise<void>;
};

/**
 * Starts a command that ends when this process does, whatever ends it. It runs in a process group of its own, so that a
 * Ctrl-C in the terminal does not reach it: the caller stops it when its turn has come. It does not keep this process alive.
 */
export function startSupervised(
  command: readonly string[],
  { logFile, removeAfter }: { logFile: string; removeAfter?: string | undefined },
): Supervised {
  const log = openSync(logFile, 'a');
  const child = spawn('sh', [join(import.meta.dirname, 'until-parent-ends.sh'), ...command], {
    stdio: ['pipe', log, log],
    detached: true,
    env: { ...process.env, REMOVE_AFTER: removeAfter ?? '' },
  });
  closeSync(log);
  const ended = once(child, 'exit');
  child.unref();
  return {
    pid: child.pid ?? 0,
    exitCode: () => child.exitCode ?? (child.signalCode === null ? undefined : 1),
    stop: async () => {
      child.ref();
      child.stdin?.destroy();
      await ended;
    },
  };
}
