import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { listen } from './listen.ts';
import { parseLines } from './testing/log-lines.ts';
import { killSpawned, spawnService, type SpawnedService } from './testing/spawn-service.ts';

afterEach(killSpawned);

describe('a service that is asked to stop', () => {
  test.each([
    ['SIGTERM', 'anyone', false],
    ['SIGINT', 'anyone', false],
    ['SIGTERM', 'a parent with a channel', true],
  ] as const)('stops its parts in reverse order at %s from %s and exits with 0', async (signal, _from, ipc) => {
    const service = spawnService('orderly', { ipc });
    await service.logged('started');
    service.signal(signal);
    expect(await service.ended).toMatchObject({ exitCode: 0, signal: null });
    expect(service.lines().map(({ message }) => message)).toEqual([
      'probes are served',
      'a is started',
      'b is started',
      'c is started',
      'started',
      'stopping',
      'c is stopped',
      'b is stopped',
      'a is stopped',
      'stopped',
      'flushed',
    ]);
  });

  test('stops what was begun, and starts nothing more, while a part is still starting', async () => {
    const service = spawnService('never starts');
    await service.logged('a is started');
    service.signal('SIGTERM');
    expect(await service.ended).toMatchObject({ exitCode: 0, signal: null });
    const messages = service.lines().map(({ message }) => message);
    expect(messages.filter((message) => message.endsWith('is stopped'))).toEqual(['b is stopped', 'a is stopped']);
    expect(messages).not.toContain('started');
    expect(messages).not.toContain('c is started');
  });

  test('says that it is not ready, and goes on for the grace that the load balancer needs', async () => {
    const service = spawnService('waits before it stops');
    const { port } = await service.logged('probes are served');
    await service.logged('started');
    service.signal('SIGTERM');
    await service.logged('stopping');
    expect((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status).toBe(503);
    expect(service.lines().at(-1)).toMatchObject({ message: 'stopping' });
    await interruptUntilEnd(service);
  });

  test('ends at once, with 1, at the second signal', async () => {
    const service = spawnService('stops slowly');
    await service.logged('started');
    expect(await interruptUntilEnd(service)).toMatchObject({ exitCode: 1, signal: null });
    expect(service.lines()).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching('second signal') }),
    );
  });

  test('takes one Ctrl-C that arrives twice for one', async () => {
    const service = spawnService('interrupted twice at once');
    expect(await service.ended).toMatchObject({ exitCode: 0, signal: null });
    expect(service.lines().at(-2)).toMatchObject({ message: 'stopped', exitCode: 0 });
  });

  test('exits with 1 and names the part that did not stop within the drain budget', async () => {
    const service = spawnService('never stops');
    await service.logged('started');
    service.signal('SIGTERM');
    expect(await service.ended).toMatchObject({ exitCode: 1, signal: null });
    expect(service.lines()).toContainEqual(
      expect.objectContaining({ level: 'error', part: 'b', message: expect.stringMatching('did not stop within') }),
    );
    expect(service.lines()).toContainEqual({ level: 'info', message: 'a is stopped' });
  });

  test('goes on with the other parts when one fails to stop, and exits with 1', async () => {
    const service = spawnService('stop fails');
    await service.logged('started');
    service.signal('SIGTERM');
    expect(await service.ended).toMatchObject({ exitCode: 1 });
    expect(service.lines().map(({ message }) => message)).toEqual(
      expect.arrayContaining(['c is stopped', 'b failed to stop', 'a is stopped']),
    );
  });

  test('ends even when a part left a timer behind, names it, and lets others flush', async () => {
    const service = spawnService('leaves a timer');
    await service.logged('started');
    service.signal('SIGTERM');
    expect(await service.ended).toMatchObject({ exitCode: 0, signal: null });
    expect(service.lines().at(-2)).toMatchObject({ level: 'warn', open: expect.arrayContaining(['Timeout']) });
    expect(service.lines().at(-1)).toMatchObject({ message: 'flushed' });
  });
});

test('a service whose parent is killed ends in an orderly way', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'service-'));
  const output = join(folder, 'output');
  const script = fileURLToPath(new URL('./testing/parent-process.ts', import.meta.url));
  // Without colours, which nx asks for, the number is one.
  const { FORCE_COLOR: _, ...env } = process.env;
  const parent = spawn(process.execPath, [script, output], { stdio: ['ignore', 'pipe', 'inherit'], env });
  let pid = 0;
  try {
    const [line] = await once(parent.stdout, 'data');
    pid = Number(String(line));
    const messages = () => parseLines(readFileSync(output, 'utf8')).map(({ message }) => message);
    await vi.waitUntil(() => messages().includes('started'), { timeout: 20_000 });
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitUntil(() => !isRunning(pid), { timeout: 20_000 });
    expect(messages().slice(-6)).toEqual([
      'stopping',
      'c is stopped',
      'b is stopped',
      'a is stopped',
      'stopped',
      'flushed',
    ]);
  } finally {
    parent.kill('SIGKILL');
    if (pid && isRunning(pid)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

describe('a service that fails', () => {
  test.each([
    ['bad configuration', 78, 'bridge.yaml is bad'],
    ['no broker', 69, 'no broker'],
    ['consumer lost', 70, 'consumer lost'],
    ['uncaught exception', 1, 'unexpected error: ending at once'],
    ['unhandled rejection', 1, 'unexpected error: ending at once'],
  ])('%s: exits with %i and says why', async (scenario, exitCode, message) => {
    const service = spawnService(scenario);
    expect(await service.ended).toMatchObject({ exitCode, signal: null });
    expect(service.lines()).toContainEqual(expect.objectContaining({ level: 'fatal', message }));
  });

  test('keeps the exit code of a failure that comes while it stops', async () => {
    const service = spawnService('lost while stopping');
    await service.logged('started');
    service.signal('SIGTERM');
    expect(await service.ended).toMatchObject({ exitCode: 70 });
  });

  test('stops the parts that were started when a later one fails to start', async () => {
    const service = spawnService('no broker');
    await service.ended;
    const messages = service.lines().map(({ message }) => message);
    expect(messages.filter((message) => message.endsWith('is stopped'))).toEqual(['b is stopped', 'a is stopped']);
    expect(messages).not.toContain('d is started');
  });

  test.each([
    ['bad options', 78, /^PORT must be a number\n$/],
    ['unexpected in options', 1, /Error: no idea\n\s+at /],
  ])('%s: exits with %i before there is a logger', async (scenario, exitCode, errorOutput) => {
    const ended = await spawnService(scenario).ended;
    expect(ended).toMatchObject({ exitCode, signal: null });
    expect(ended.errorOutput).toMatch(errorOutput);
  });

  test('exits with 78 and names the port and its variable when the port is busy', async () => {
    const other = createServer();
    const port = await listen(other, { host: '127.0.0.1', port: 0, variable: 'NONE' });
    try {
      const service = spawnService('orderly', { env: { PORT: String(port) } });
      expect(await service.ended).toMatchObject({ exitCode: 78 });
      expect(service.lines()[0]?.message).toBe(
        `Port ${port} on 127.0.0.1 is already in use: stop what listens there, or set EXAMPLE_PROBES_PORT to a free port.`,
      );
    } finally {
      other.close();
    }
  });

  test('exits with 78 when the host is none of this machine', async () => {
    const service = spawnService('orderly', { env: { HOST: '192.0.2.1' } });
    expect(await service.ended).toMatchObject({ exitCode: 78 });
    expect(service.lines()[0]?.message).toMatch(/192\.0\.2\.1.*check HOST and EXAMPLE_PROBES_PORT/);
  });
});

test('a service tells from the first moment to the last whether it is ready and alive', async () => {
  const service = spawnService('asks its probes');
  await service.logged('started');
  service.signal('SIGTERM');
  await service.ended;
  const said = Object.fromEntries(
    service
      .lines()
      .filter(({ message }) => message.includes(' while '))
      .map(({ message, status, body }) => [message, { status, body }]),
  );
  const notReady = (...parts: object[]) => ({ status: 503, body: { status: 'unavailable', parts } });
  expect(said).toEqual({
    'readyz while building': notReady({ part: 'service', reason: 'building' }),
    'livez while building': { status: 200, body: { status: 'ok' } },
    'readyz while starting': notReady({ part: 'a', reason: 'no broker' }, { part: 'b', reason: 'starting' }),
    'livez while starting': notReady({ part: 'a', reason: 'stuck' }),
    'readyz while stopping': notReady({ part: 'service', reason: 'stopping' }),
    'livez while stopping': { status: 200, body: { status: 'ok' } },
  });
});

function interruptUntilEnd(service: SpawnedService) {
  const impatience = setInterval(() => service.signal('SIGINT'), 100);
  return service.ended.finally(() => clearInterval(impatience));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
