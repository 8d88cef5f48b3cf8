import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function withTakenPort<T>(use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const result = await use((server.address() as AddressInfo).port).finally(() => server.close());
  return result;
}

function startProcess(env: Record<string, string>) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', '@bridge/telemetry/start', main], {
    env: { PATH: process.env['PATH'], SIMULATOR_PORT: '0', SIMULATOR_PROBES_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return {
    child,
    output: () => output,
    exitCode: async () => (await once(child, 'close'))[0] as number | null,
  };
}

test('runs until SIGTERM and ends with 0', async () => {
  const { child, output, exitCode } = startProcess({});
  await expect.poll(output, { timeout: 20_000 }).toMatch(/the simulator listens/);
  const url = /"url":"([^"]+)"/.exec(output())?.[1];
  expect(await (await fetch(`${url}/readyz`)).text()).toBe('ok\n');
  child.kill('SIGTERM');
  expect(await exitCode()).toBe(0);
});

test.each([
  ['a variable is wrong', { SIMULATOR_PORT: 'x' }, /SIMULATOR_PORT: /],
  ['the file of workspaces is missing', { SIMULATOR_WORKSPACES: '/nowhere.json' }, /SIMULATOR_WORKSPACES: cannot read/],
])('ends with 78 and says so when %s', async (_what, env, message) => {
  const { output, exitCode } = startProcess(env);
  expect(await exitCode()).toBe(78);
  expect(output()).toMatch(message);
});

test('ends with 78 and names the port when it is taken', async () => {
  await withTakenPort(async (port) => {
    const { output, exitCode } = startProcess({ SIMULATOR_PORT: String(port) });
    expect(await exitCode()).toBe(78);
    expect(output()).toMatch(new RegExp(`Port ${port} .*SIMULATOR_PORT`));
  });
});
