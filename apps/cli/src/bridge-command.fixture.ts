import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { runBridge } from './program.ts';

/** What the command wrote and how it ended. */
export type Ended = { exitCode: number | null; stdout: string; stderr: string };

/** The real command, running. */
export type RunningBridge = {
  ended: Promise<Ended>;
  /** Resolves when `text` has been written to either stream; rejects when the command ends without. */
  saw(text: string): Promise<void>;
  interrupt(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
  closeStdout(): void;
};

const main = new URL('main.ts', import.meta.url).pathname;
const running = new Set<ChildProcess>();

/** The environment of the tests, without what would configure the command. */
const cleanEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(KAFKA|BRIDGE|LOG)_|^TOPIC_PREFIX$/.test(name)),
);

/** Starts the real command as a process. Call it inside a test: what still runs is ended after it. */
export function startBridge(
  args: string[],
  options: { env?: Record<string, string>; input?: string | Buffer; cwd?: string } = {},
): RunningBridge {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { ...cleanEnv, ...options.env },
  });
  running.add(child);
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (written[stream] += text));
  }
  child.stdin.on('error', () => {}).end(options.input ?? '');
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode) => {
      running.delete(child);
      resolve({ exitCode, ...written });
    });
  });
  return {
    ended,
    saw: (text) => sawText(child, text, () => written.stdout + written.stderr),
    interrupt: (signal) => void child.kill(signal),
    closeStdout: () => void child.stdout.destroy(),
  };
}

/** Runs the real command to its end. */
export const runBridgeCommand = (...start: Parameters<typeof startBridge>): Promise<Ended> =>
  startBridge(...start).ended;

/** The same in this process: much quicker, for what needs no process of its own. */
export async function runBridgeHere(
  args: string[],
  options: { env?: Record<string, string>; input?: string | Buffer } = {},
): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const exitCode = await runBridge(args, {
    env: { ...cleanEnv, ...options.env },
    print: (line) => void (written.stdout += `${line}\n`),
    note: (line) => void (written.stderr += `${line}\n`),
    readInput: async () => Buffer.from(options.input ?? ''),
    interruption: () => new AbortController().signal,
  });
  return { exitCode, ...written };
}

function sawText(child: ChildProcess, text: string, all: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => all().includes(text) && resolve();
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('close', () => reject(new Error(`ended without writing ${JSON.stringify(text)}:\n${all()}`)));
    look();
  });
}

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

const folder = mkdtempSync(join(tmpdir(), 'bridge-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file into a folder that is removed after the tests of this file, and gives its path. */
export function temporaryFile(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
