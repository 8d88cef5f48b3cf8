/** A service to be spawned by a test: `node service-process.ts <scenario>`, with the probes' port in `PORT` (default: a free one). */
import type { Part } from '../lifecycle.ts';
import { runService, type ServiceOptions } from '../run-service.ts';
import { createLineLog } from './log-lines.ts';

type Scenario = Partial<ServiceOptions> & { options?: () => never };

let probesPort = 0;
const log = createLineLog(({ port }) => {
  if (typeof port === 'number') probesPort = port;
});

const scenarios: Record<string, () => Scenario> = {
  orderly: () => ({ build: () => [part('a'), part('b'), part('c')] }),
  'asks its probes': () => ({
    async build() {
      await logProbes('building');
      return [
        part('a', { ready: () => 'no broker', alive: () => 'stuck', stop: () => logProbes('stopping') }),
        part('b', { start: () => logProbes('starting') }),
      ];
    },
  }),
  'bad options': () => ({ options: () => raise('PORT must be a number', 78) }),
  'unexpected in options': () => ({ options: () => raise('no idea') }),
  'bad configuration': () => ({ build: () => raise('bridge.yaml is bad', 78) }),
  'no broker': () => ({
    build: () => [part('a'), part('b'), part('c', { start: async () => raise('no broker', 69) }), part('d')],
  }),
  'consumer lost': () => ({
    build: ({ fail }) => [part('a', { start: async () => void setImmediate(fail, withCode('consumer lost', 70)) })],
  }),
  'lost while stopping': () => ({
    build: ({ fail }) => [part('a', { stop: async () => fail(withCode('consumer lost', 70)) })],
  }),
  'uncaught exception': () => ({ build: () => [part('a', { start: async () => void setImmediate(raise, 'oops') })] }),
  'unhandled rejection': () => ({
    build: () => [part('a', { start: async () => void Promise.reject(new Error('oops')) })],
  }),
  'stop fails': () => ({ build: () => [part('a'), part('b', { stop: async () => raise('broken') }), part('c')] }),
  'never stops': () => ({ drainMs: 40, build: () => [part('a'), part('b', { stop: forever })] }),
  'waits before it stops': () => ({ readinessGraceMs: 3_600_000, build: () => [part('a')] }),
  'stops slowly': () => ({ build: () => [part('a', { stop: forever })] }),
  'never starts': () => ({ drainMs: 40, build: () => [part('a'), part('b', { start: forever }), part('c')] }),
  'interrupted twice at once': () => ({
    build: () => [part('a', { start: async () => interruptTwice(), stop: nextTurns })],
  }),
  'leaves a timer': () => ({ build: () => [part('a', { start: async () => void setInterval(() => {}, 1_000) })] }),
};

process.once('beforeExit', () => log.info({}, 'flushed'));
await runService(() => {
  const scenario = scenarios[process.argv[2] ?? '']?.();
  if (!scenario) throw new Error(`No scenario ${String(process.argv[2])}`);
  scenario.options?.();
  return {
    name: 'example',
    log,
    host: process.env['HOST'] ?? '127.0.0.1',
    port: Number(process.env['PORT'] ?? 0),
    metrics: async () => ({ contentType: 'text/plain', body: '' }),
    build: () => [],
    ...scenario,
  };
});

function part(name: string, more: Omit<Part, 'name'> = {}): Part {
  return {
    ...more,
    name,
    async start() {
      await more.start?.();
      log.info({}, `${name} is started`);
    },
    async stop(options) {
      await more.stop?.(options);
      log.info({}, `${name} is stopped`);
    },
  };
}

async function logProbes(phase: string): Promise<void> {
  for (const path of ['readyz', 'livez']) {
    const response = await fetch(`http://127.0.0.1:${probesPort}/${path}`, { headers: { connection: 'close' } });
    log.info({ status: response.status, body: await response.json() }, `${path} while ${phase}`);
  }
}

function forever(): Promise<void> {
  return new Promise(() => {});
}

async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function interruptTwice(): void {
  process.kill(process.pid, 'SIGINT');
  process.kill(process.pid, 'SIGINT');
}

function withCode(message: string, exitCode?: number): Error {
  return Object.assign(new Error(message), exitCode === undefined ? {} : { exitCode });
}

function raise(message: string, exitCode?: number): never {
  throw withCode(message, exitCode);
}
