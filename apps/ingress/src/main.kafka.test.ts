import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { connectKafka, createTopics } from '@bridge/kafka';
import { topicTable } from '@bridge/schemas';
import { silentLogger } from '@bridge/telemetry';
import { testKafka } from '@bridge/tools/local-kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { currentKey, signed } from './testing/test-connection.ts';

const topicPrefix = `t-${process.pid}-${Date.now()}`;
const folder = mkdtempSync(join(tmpdir(), 'bridge-ingress-'));
const children: ReturnType<typeof spawn>[] = [];
let kafka: Awaited<ReturnType<typeof testKafka>>;

beforeAll(async () => {
  kafka = await testKafka();
  const settings = { brokers: kafka.brokers.split(','), topicPrefix, startupTimeoutMs: 30_000 };
  const client = connectKafka({ settings, clientId: 'ingress-test', log: silentLogger });
  await createTopics(client, topicTable(topicPrefix).slice(0, 1), { replication: 1, minInsync: 1 });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  await kafka?.stop();
});

function bridgeFile(mode: string): string {
  const path = join(folder, `${mode}.yaml`);
  const connection = `{ workspace: 1, verificationKeys: [{ env: TEST_KEY }], signature: { mode: ${mode} } }`;
  writeFileSync(path, `connections:\n  acme: ${connection}\n`);
  return path;
}

/** The process as it is started in production, on free ports. */
function startProcess(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', '@bridge/telemetry/start', 'src/main.ts'], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      HOST: '127.0.0.1',
      KAFKA_BROKERS: kafka.brokers,
      TOPIC_PREFIX: topicPrefix,
      BRIDGE_CONFIG: bridgeFile('enforce'),
      TEST_KEY: currentKey,
      INGRESS_PORT: '0',
      INGRESS_PROBES_PORT: '0',
      ...env,
    },
  });
  children.push(child);
  const errors = text(child.stderr);
  const exit = once(child, 'exit').then(([code]) => Number(code));
  const lines: Record<string, unknown>[] = [];
  const found = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
  const waiting = (message: string) => {
    const known = found.get(message) ?? Promise.withResolvers<Record<string, unknown>>();
    found.set(message, known);
    return known;
  };
  createInterface(child.stdout).on('line', (line) => {
    const parsed: Record<string, unknown> = JSON.parse(line);
    lines.push(parsed);
    waiting(String(parsed['msg'])).resolve(parsed);
  });
  return { child, exit, errors, lines, line: (message: string) => waiting(message).promise };
}

test('it receives webhooks, serves its probes elsewhere, and ends with 0 when told to', async () => {
  const ingress = startProcess();
  await ingress.line('started');
  const { port } = await ingress.line('webhooks are received');
  const { port: probesPort } = await ingress.line('probes are served');
  const body = '{"content":"oi","conversation_id":501}';
  const url = `http://127.0.0.1:${String(port)}`;
  const reply = await fetch(`${url}/webhooks/acme`, { method: 'POST', body, headers: signed(body) });
  expect([reply.status, await reply.text()]).toEqual([200, '{"status":"ok"}']);
  const probes = `http://127.0.0.1:${String(probesPort)}`;
  expect((await fetch(`${probes}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${probes}/metrics`)).text()).toContain(
    'bridge_webhooks_total{connection="acme",outcome="accepted"} 1',
  );
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  ingress.child.kill('SIGTERM');
  expect(await ingress.exit).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test.each([
  ['a bad variable', { INGRESS_BODY_LIMIT_BYTES: 'much' }, 78, 'INGRESS_BODY_LIMIT_BYTES'],
  ['no bridge.yaml', { BRIDGE_CONFIG: 'nowhere.yaml' }, 78, 'nowhere.yaml'],
  ['a missing key', { TEST_KEY: '' }, 78, 'TEST_KEY'],
  ['a missing topic', { TOPIC_PREFIX: 'nothing-here' }, 78, 'nothing-here.inbound-events.v1'],
  ['no broker', { KAFKA_BROKERS: '127.0.0.1:1', KAFKA_STARTUP_TIMEOUT_MS: '100' }, 69, '127.0.0.1:1'],
])('with %s it does not start, and says why', async (_name, env, code, named) => {
  const ingress = startProcess(env);
  expect(await ingress.exit).toBe(code);
  expect(`${await ingress.errors}${JSON.stringify(ingress.lines)}`).toContain(named);
});

test('mode off starts only where unsigned webhooks are allowed', async () => {
  const refused = startProcess({ BRIDGE_CONFIG: bridgeFile('off') });
  expect(await refused.exit).toBe(78);
  expect(`${await refused.errors}${JSON.stringify(refused.lines)}`).toContain('BRIDGE_ALLOW_UNSIGNED');
  const allowed = startProcess({ BRIDGE_CONFIG: bridgeFile('off'), BRIDGE_ALLOW_UNSIGNED: 'true' });
  await allowed.line('started');
  allowed.child.kill('SIGTERM');
  expect(await allowed.exit).toBe(0);
});

test('a busy port ends it, naming the variable', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const ingress = startProcess({ INGRESS_PORT: String((other.address() as AddressInfo).port) });
  expect(await ingress.exit).toBe(78);
  expect(JSON.stringify(ingress.lines)).toContain('INGRESS_PORT');
  other.close();
});
