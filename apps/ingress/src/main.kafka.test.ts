import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connectKafka, createTopics, readTopic } from '@bridge/kafka';
import { topicTable } from '@bridge/schemas';
import { silentLogger } from '@bridge/telemetry';
import { testKafka } from '@bridge/tools/local-kafka';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ingressProcesses } from './testing/ingress-process.ts';
import { signed } from './testing/test-connection.ts';

const topicPrefix = `t-${process.pid}-${Date.now()}`;
const processes = ingressProcesses();
let kafka: Awaited<ReturnType<typeof testKafka>>;

const kafkaClient = () => {
  const settings = { brokers: kafka.brokers.split(','), topicPrefix, startupTimeoutMs: 30_000 };
  return connectKafka({ settings, clientId: 'ingress-test', log: silentLogger });
};

beforeAll(async () => {
  kafka = await testKafka();
  await createTopics(kafkaClient(), topicTable(topicPrefix).slice(0, 1), { replication: 1, minInsync: 1 });
});
afterAll(async () => {
  processes.end();
  await kafka?.stop();
});

const startProcess = (env: Record<string, string> = {}) =>
  processes.start({ KAFKA_BROKERS: kafka.brokers, TOPIC_PREFIX: topicPrefix, ...env });

test('it receives webhooks, serves its probes elsewhere, and ends with 0 when told to', async () => {
  const ingress = startProcess();
  const { webhooks, probes } = await ingress.urls();
  const body = '{"content":"oi","conversation_id":501}';
  const reply = await fetch(webhooks, { method: 'POST', body, headers: signed(body) });
  expect([reply.status, await reply.text()]).toEqual([200, '{"status":"ok"}']);
  expect((await fetch(`${probes}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${probes}/metrics`)).text()).toContain(
    'bridge_webhooks_total{connection="acme",outcome="accepted"} 1',
  );
  expect((await fetch(new URL('/metrics', webhooks))).status).toBe(404);
  ingress.child.kill('SIGTERM');
  expect(await ingress.exit).toBe(0);
  await expect(fetch(webhooks)).rejects.toThrow();
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
  const refused = startProcess({ BRIDGE_CONFIG: processes.bridgeFile('off') });
  expect(await refused.exit).toBe(78);
  expect(`${await refused.errors}${JSON.stringify(refused.lines)}`).toContain('BRIDGE_ALLOW_UNSIGNED');
  const allowed = startProcess({ BRIDGE_CONFIG: processes.bridgeFile('off'), BRIDGE_ALLOW_UNSIGNED: 'true' });
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

describe('with a spool', () => {
  const noBroker = { KAFKA_BROKERS: '127.0.0.1:1', KAFKA_STARTUP_TIMEOUT_MS: '100', INGRESS_PUBLISH_TIMEOUT_MS: '100' };
  const accepted = [200, '{"status":"ok"}'];
  const post = async (url: string, content: string, conversation = 502) => {
    const body = JSON.stringify({ content, conversation_id: conversation });
    const reply = await fetch(url, { method: 'POST', body, headers: signed(body) });
    return [reply.status, await reply.text()];
  };

  /** What the topic has of the conversation, up to `last`. */
  async function readContents(conversation: number, last: string): Promise<string[]> {
    const contents: string[] = [];
    const reader = await readTopic({
      client: kafkaClient(),
      topic: `${topicPrefix}.inbound-events.v1`,
      from: 'beginning',
      onRecord: ({ value, headers }) => {
        const { raw } = JSON.parse(value ?? '{}') as { raw: { content: string } };
        if (headers['ce_subject'] === String(conversation)) contents.push(raw.content);
      },
    });
    await vi.waitUntil(() => contents.includes(last), { timeout: 20_000 });
    await reader.stop();
    return contents;
  }

  test('it starts and is ready without a broker, and the next process publishes what it took, before anything else', async () => {
    const spool = { INGRESS_SPOOL_DIR: join(processes.folder, 'spool') };
    const first = startProcess({ ...spool, ...noBroker });
    const { webhooks, probes } = await first.urls();
    expect((await fetch(`${probes}/readyz`)).status).toBe(200);
    for (const content of ['1', '2']) expect(await post(webhooks, content)).toEqual(accepted);
    expect((await fetch(`${probes}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${probes}/metrics`)).text()).toContain('bridge_ingress_spool_records 2\n');
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);

    const second = startProcess(spool);
    expect(await post((await second.urls()).webhooks, '3')).toEqual(accepted);
    expect(await readContents(502, '3')).toEqual(['1', '2', '3']);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(await second.errors).toBe('');
  });

  test('when it is full the answer is 503 and it is not ready, and kill -9 loses nothing of what was answered 200', async () => {
    const spool = { INGRESS_SPOOL_DIR: join(processes.folder, 'full') };
    const first = startProcess({ ...spool, ...noBroker, INGRESS_SPOOL_MAX_BYTES: '6000' });
    const { webhooks, probes } = await first.urls();
    const kept: string[] = [];
    let answer = await post(webhooks, '0', 503);
    for (; answer[0] === 200; answer = await post(webhooks, String(kept.length), 503)) kept.push(String(kept.length));
    expect(answer).toEqual([503, expect.stringContaining('"outcome":"overloaded"')]);
    expect(kept.length).toBeGreaterThan(2);
    expect((await fetch(`${probes}/readyz`)).status).toBe(503);
    expect((await fetch(`${probes}/livez`)).status).toBe(200);
    first.child.kill('SIGKILL');
    await first.exit;

    const second = startProcess(spool);
    const { probes: itsProbes } = await second.urls();
    expect(await readContents(503, kept.at(-1) ?? '')).toEqual(kept);
    expect((await fetch(`${itsProbes}/readyz`)).status).toBe(200);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
  });

  test('a second process with the same folder ends with 78, and the first goes on', async () => {
    const spool = { INGRESS_SPOOL_DIR: join(processes.folder, 'shared') };
    const first = startProcess({ ...spool, ...noBroker });
    const { webhooks } = await first.urls();
    const second = startProcess(spool);
    expect(await second.exit).toBe(78);
    expect(JSON.stringify(second.lines)).toMatch(/INGRESS_SPOOL_DIR: the spool .*shared\/spool.db is in use/);
    expect(await post(webhooks, 'oi')).toEqual(accepted);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
  });

  test('it stays and says what to do when its topics are missing', async () => {
    const ingress = startProcess({ INGRESS_SPOOL_DIR: join(processes.folder, 'untold'), TOPIC_PREFIX: 'nothing-here' });
    const { probes } = await ingress.urls();
    const line = await ingress.line('topics are missing: nothing can be published');
    expect(line).toMatchObject({ level: 'error', error: expect.stringContaining('nothing-here.inbound-events.v1') });
    expect((await fetch(`${probes}/readyz`)).status).toBe(200);
    ingress.child.kill('SIGTERM');
    expect(await ingress.exit).toBe(0);
  });
});
