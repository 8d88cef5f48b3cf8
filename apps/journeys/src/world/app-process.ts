import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from './until.ts';

export const repository = join(import.meta.dirname, '..', '..', '..', '..');

export type AppName = 'simulator' | 'ingress' | 'router' | 'outbound';

/** How a process ended; `code` is null when a signal ended it. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null };

export type AppProcess = {
  app: AppName;
  pid: number;
  /** All that it wrote, to both of its streams. */
  output(): string;
  /** Settles when it has ended. */
  ended: Promise<Ending>;
  isRunning(): boolean;
  /** Asks it to end, by SIGTERM, and waits until it has. */
  terminate(): Promise<Ending>;
  kill(): void;
};

const patienceMs = 60_000;

/**
 * Starts an app as production does, with this environment and nothing of our own but the PATH. Its end comes with ours:
 * the ipc channel breaks.
 */
export function startApp(app: AppName, env: Record<string, string>): AppProcess {
  const child = spawn(process.execPath, ['--import', '@bridge/telemetry/start', `apps/${app}/src/main.ts`], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => written.push(text));
  }
  // Not 'exit': what it wrote last arrives later.
  const ended = once(child, 'close').then(([code, signal]): Ending => ({ code, signal }));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const kill = () => void child.kill('SIGKILL');

  return {
    app,
    pid: child.pid ?? 0,
    output: () => written.join(''),
    ended,
    isRunning,
    kill,
    async terminate() {
      child.kill('SIGTERM');
      const timer = setTimeout(kill, patienceMs);
      return ended.finally(() => clearTimeout(timer));
    },
  };
}

/** Waits until the app says that it can take work. Fails at once when it ends instead. */
export async function untilReady(app: AppProcess, probesPort: number): Promise<void> {
  await until(
    `${app.app} to be ready`,
    async () => {
      if (!app.isRunning()) throw new Error(`${app.app} ended at its start:\n${lastLines(app)}`);
      const answer = await fetch(`http://127.0.0.1:${probesPort}/readyz`).catch(() => undefined);
      return answer?.status === 200;
    },
    () => lastLines(app),
  );
}

/** The end of what an app wrote. */
export function lastLines(app: AppProcess, count = 25): string {
  return app.output().trimEnd().split('\n').slice(-count).join('\n');
}
