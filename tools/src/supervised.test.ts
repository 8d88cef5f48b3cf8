import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSupervised } from './supervised.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-supervised-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (script: string, killAfterSeconds = 15) =>
  startSupervised(['sh', '-c', script], {
    output: openSync(join(folder, 'output'), 'w'),
    removeAfter: folder,
    killAfterSeconds,
  });
const output = () => readFileSync(join(folder, 'output'), 'utf8');

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a command that ends by itself tells its exit code, and its folder stays to be looked at', async () => {
  const command = start('echo gone; exit 3');
  expect(await command.ended).toBe(3);
  expect(command.exitCode()).toBe(3);
  expect(output()).toBe('gone\n');
});

test('one that is stopped ends by SIGTERM, and its folder goes', async () => {
  const command = start(`trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done`);
  await until(() => output() === 'up\n');
  expect(command.exitCode()).toBeUndefined();
  await command.stop();
  expect(command.exitCode()).toBe(7);
  expect(existsSync(folder)).toBe(false);
});

test('one that does not heed SIGTERM ends all the same', async () => {
  const command = start(`trap '' TERM; echo up; while :; do sleep 0.05; done`, 1);
  await until(() => output() === 'up\n');
  await command.stop();
  expect(command.exitCode()).toBeGreaterThan(0);
  expect(existsSync(folder)).toBe(false);
});

test('what it left behind ends with it', async () => {
  const command = start('sleep 600 & echo $!; exit 0');
  await until(() => output().endsWith('\n'));
  const left = Number(output());
  expect(await command.ended).toBe(0);
  await until(() => !lives(left));
});
