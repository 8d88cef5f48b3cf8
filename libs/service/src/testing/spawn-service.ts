import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseLines, type Line } from './log-lines.ts';

const spawned = new Set<{ kill: (signal: 'SIGKILL') => boolean }>();

export type SpawnedService = {
  /** What it logged so far. */
  lines: () => Line[];
  /** The line with this message, once it is there. Rejects when the service ends without it. */
  logged: (message: string) => Promise<Line>;
  signal: (name: NodeJS.Signals) => void;
  /** How it ended, and what it wrote to standard error. */
  ended: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null; errorOutput: string }>;
};

/** Spawns one of the scenarios of service-process.ts, with an ipc channel if asked for. */
export function spawnService(
  scenario: string,
  { env = {}, ipc = false }: { env?: Record<string, string>; ipc?: boolean } = {},
): SpawnedService {
  const script = fileURLToPath(new URL('./service-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, scenario], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ipc ? 'ipc' : 'ignore'],
  });
  if (!child.stdout || !child.stderr) throw new Error('The service has no output');
  const { stdout, stderr } = child;
  spawned.add(child);
  let output = '';
  let errorOutput = '';
  stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  stderr.on('data', (chunk: Buffer) => (errorOutput += chunk.toString()));
  const lines = () => parseLines(output.slice(0, output.lastIndexOf('\n') + 1));
  const closed = once(child, 'close');

  return {
    lines,
    async logged(message) {
      for (;;) {
        const line = lines().find((candidate) => candidate.message === message);
        if (line) return line;
        const more = await Promise.race([once(stdout, 'data'), closed.then(() => undefined)]);
        if (!more && !lines().some((candidate) => candidate.message === message)) {
          throw new Error(`The service ended without logging "${message}":\n${output}${errorOutput}`);
        }
      }
    },
    signal: (name) => child.kill(name),
    ended: closed.then(() => {
      spawned.delete(child);
      return { exitCode: child.exitCode, signal: child.signalCode, errorOutput };
    }),
  };
}

/** Kills what a failed test left running. */
export function killSpawned(): void {
  for (const child of spawned) child.kill('SIGKILL');
  spawned.clear();
}
