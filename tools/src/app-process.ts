import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './paths.ts';
import { ToolError } from './tool-error.ts';

export type Env = Record<string, string | undefined>;

export type AppName = 'simulator' | 'ingress' | 'router' | 'outbound';

/** How a process ended; `code` is null when a signal ended it. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null };

export type AppProcess = {
  name: AppName;
  pid: number;
  logFile: string;
  ended: Promise<Ending>;
  isRunning(): boolean;
  /** Asks it to end, by SIGTERM, and waits until it has; one that does not is killed. */
  terminate(): Promise<Ending>;
  kill(): void;
};

const readyTimeoutMs = 90_000;
const terminateTimeoutMs = 60_000;

/** Of Node, as in the image: a test compares them. */
export const appOptions = ['--max-semi-space-size=16', '--import', '@bridge/telemetry/start'];

/** Names a folder, on the disk of the logs, where every log gets a second name, under which it outlives the first. */
export const keptLogsVariable = 'KEPT_LOGS';

/**
 * Starts an app as production does, with this environment and the PATH, in a process group of its own. All that it writes
 * goes to `logFile`. By its ipc channel it notices when we are gone.
 */
export function startApp(name: AppName, { env, logFile }: { env: Env; logFile: string }): AppProcess {
  const log = openLog(name, logFile);
  const child = spawn(process.execPath, [...appOptions, `apps/${name}/src/main.ts`], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const ended = once(child, 'exit').then(([code, signal]): Ending => ({ code, signal }));
  const kill = () => void child.kill('SIGKILL');
  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async terminate() {
      child.kill('SIGTERM');
      const timer = setTimeout(kill, terminateTimeoutMs);
      return ended.finally(() => clearTimeout(timer));
    },
    kill,
  };
}

function openLog(name: AppName, logFile: string): number {
  mkdirSync(dirname(logFile), { recursive: true });
  // Not only emptied: an earlier run's log may have another name.
  rmSync(logFile, { force: true });
  const log = openSync(logFile, 'w');
  const kept = process.env[keptLogsVariable];
  if (kept !== undefined) linkSync(logFile, join(kept, `${name}-${randomBytes(5).toString('hex')}.log`));
  return log;
}

/**
 * Waits until the app says that it can take work.
 * @throws {ToolError} with the end of its log when it ends instead, or takes too long
 */
export async function untilReady(app: AppProcess, probesPort: number): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  while (!(await isReady(probesPort))) {
    if (!app.isRunning()) throw new ToolError(lastWords(app));
    if (Date.now() > deadline) throw new ToolError(`${app.name} is not ready after 90 s. ${endOfLog(app)}`);
    await sleep(100);
  }
}

/** Whether the app with these probes says that it can take work. */
export async function isReady(probesPort: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${probesPort}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** What to tell when an app ended and nobody had asked it to. */
export const lastWords = (app: AppProcess) => `${app.name} ended. ${endOfLog(app)}`;

/** The last lines of what an app wrote, and where all of it is. */
export function endOfLog({ logFile }: AppProcess, count = 8): string {
  const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-count);
  return `The end of ${logFile}:\n${lines.join('\n')}`;
}
