import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { root } from './paths.ts';

let workspace: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'bridge-nx-'));
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  writeFileSync(join(workspace, 'package.json'), JSON.stringify({ name: 'w', private: true, workspaces: ['p'] }));
  mkdirSync(join(workspace, 'p'));
  writeFileSync(join(workspace, 'p', 'package.json'), JSON.stringify({ name: 'p', scripts: { hello: 'echo hello' } }));
});
afterEach(() => rmSync(workspace, { recursive: true, maxRetries: 5 }));

/**
 * Runs an nx target as a person at a terminal who answers nothing. `script`, of util-linux and of macOS, gives the terminal.
 * Neither CI nor the nx that runs this test may be seen: both silence questions.
 */
function nxOnATerminal() {
  const line = `stty cols 120; exec ${join(root, 'node_modules', '.bin', 'nx')} run-many -t hello`;
  const args = process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', line] : ['-qec', line, '/dev/null'];
  const env = Object.entries(process.env).filter(([name]) => name !== 'CI' && !name.startsWith('NX_'));
  const child = spawn('script', args, { cwd: workspace, env: Object.fromEntries(env), detached: true });
  child.on('error', (error) => {
    throw new Error(`this test needs the command \`script\` (Debian: bsdutils): ${error.message}`);
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid!, 'SIGKILL');
    await once(child, 'exit');
  });
  let shown = '';
  child.stdout.on('data', (chunk) => (shown += chunk));
  return { child, shown: () => shown };
}

test('nx asks nothing on a terminal with the settings of this repository', async () => {
  copyFileSync(join(root, 'nx.json'), join(workspace, 'nx.json'));
  const { child, shown } = nxOnATerminal();
  const [code] = await once(child, 'exit');
  expect(shown()).toContain('Successfully ran target');
  expect(code).toBe(0);
});

test('without them it would ask, and wait', async () => {
  writeFileSync(join(workspace, 'nx.json'), JSON.stringify({ useDaemonProcess: false }));
  const { child, shown } = nxOnATerminal();
  while (!shown().includes('Share usage data')) await once(child.stdout, 'data');
  expect(child.exitCode).toBeNull();
});
