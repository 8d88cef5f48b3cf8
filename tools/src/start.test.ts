import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { testKafka, type LocalKafka } from './local-kafka.ts';
import { root } from './paths.ts';
import { freePorts, portIsBusy } from './ports.ts';

const variables = [
  'INGRESS_PORT',
  'INGRESS_PROBES_PORT',
  'ROUTER_PROBES_PORT',
  'OUTBOUND_PROBES_PORT',
  'SIMULATOR_PORT',
  'SIMULATOR_PROBES_PORT',
];
const patience = { timeout: 180_000 };

let kafka: LocalKafka;
let env: Record<string, string>;
beforeAll(async () => {
  kafka = await testKafka();
  const free = await freePorts(variables.length);
  const ports = Object.fromEntries(variables.map((name, index) => [name, String(free[index])]));
  const prefix = `t-${randomBytes(5).toString('hex')}`;
  env = { ...(process.env as Record<string, string>), ...ports, KAFKA_BROKERS: kafka.brokers, TOPIC_PREFIX: prefix };
});
afterAll(() => kafka.stop());

const anyPortIsBusy = async () => {
  const busy = await Promise.all(variables.map((name) => portIsBusy(Number(env[name]))));
  return busy.includes(true);
};

/** Starts the demo and follows what it prints. */
function startDemo(command: string, args: string[]) {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  onTestFinished(() => void child.kill('SIGKILL'));
  const until = async (text: string) => {
    while (!output.includes(text)) {
      if (child.exitCode !== null) throw new Error(`it ended:\n${output}`);
      await sleep(50);
    }
  };
  return { child, output: () => output, until };
}

const ending = async (child: ChildProcess) => (child.exitCode === null ? await once(child, 'exit') : [child.exitCode]);

test('shows a conversation in all seven kinds, stays up, and a Ctrl-C stops all it started', patience, async () => {
  const { child, output, until } = startDemo(process.execPath, ['tools/src/start.ts']);
  await until('Everything is up');
  for (const kind of ['text', 'buttons', 'cards', 'image', 'audio', 'video', 'file']) {
    expect(output()).toMatch(new RegExp(`bot, ${kind}: .* → channel`));
  }
  expect(output()).toContain('→ channel sales (route plans)');
  expect(output()).toContain('"content":"Oi, qual o prazo de entrega?","message_type":"incoming"');
  expect(await anyPortIsBusy()).toBe(true);

  child.kill('SIGINT');
  expect(await ending(child)).toEqual([0, null]);
  expect(output()).toContain('Stopped.');
  expect(await anyPortIsBusy()).toBe(false);
});

test('runs a second time on the same topics, and ends when npm is killed above it', patience, async () => {
  const { child, until } = startDemo('npm', ['start', '--silent']);
  await until('Everything is up');
  expect(await anyPortIsBusy()).toBe(true);

  child.kill('SIGKILL');
  while (await anyPortIsBusy()) await sleep(100);
});

test('names every busy port before it starts anything', async () => {
  const server = createServer().listen(Number(env['INGRESS_PORT']), '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { child, output } = startDemo(process.execPath, ['tools/src/start.ts']);
  expect(await ending(child)).toEqual([1, null]);
  expect(output()).toContain(`  ${env['INGRESS_PORT']}  (another one: INGRESS_PORT=`);
  expect(output()).not.toContain('Creating the topics');
});
