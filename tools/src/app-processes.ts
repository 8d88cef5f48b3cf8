import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localFolder, root } from './paths.ts';
import { ToolError } from './tool-error.ts';

export type Env = Record<string, string | undefined>;

export type App = {
  name: string;
  /**
   * Waits until it can take work.
   * @throws {ToolError} with the end of its log when it does not come up
   */
  ready(): Promise<void>;
  ended: Promise<void>;
  /** What to tell when it ended and nobody asked it to. */
  lastWords(): string;
  stop(): Promise<void>;
};

const logFolder = join(localFolder, 'log');
const readyTimeoutMs = 90_000;
const stopTimeoutMs = 30_000;

/** Starts an app in a process group of its own, its log in .local/log. By its ipc channel it notices when we are gone. */
export function startApp(name: string, { env, probesPort }: { env: Env; probesPort: number }): App {
  mkdirSync(logFolder, { recursive: true });
  const logFile = join(logFolder, `${name}.log`);
  const log = openSync(logFile, 'w');
  const child = spawn(process.execPath, ['--import', '@bridge/telemetry/start', `apps/${name}/src/main.ts`], {
    cwd: root,
    env,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const ended = once(child, 'exit').then(() => {});
  const lastWords = () => `${name} ended. The end of ${relative(root, logFile)}:\n${lastLines(logFile)}`;
  return {
    name,
    ended,
    lastWords,
    ready: async () => {
      const deadline = Date.now() + readyTimeoutMs;
      while (!(await isReady(probesPort))) {
        if (child.exitCode !== null || child.signalCode !== null) throw new ToolError(lastWords());
        if (Date.now() > deadline)
          throw new ToolError(`${name} is not ready after 90 s: see ${relative(root, logFile)}`);
        await sleep(100);
      }
    },
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}

const lastLines = (file: string) => readFileSync(file, 'utf8').trim().split('\n').slice(-8).join('\n');
