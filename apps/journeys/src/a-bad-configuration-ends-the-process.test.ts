import { createServer } from 'node:net';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createTopics } from '@bridge/kafka';
import { topicTable } from '@bridge/schemas';
import type { AppName } from '@bridge/tools/app-process';
import { freePorts } from '@bridge/tools/ports';
import { describe, expect, it } from 'vitest';
import { journey } from './world/journey.ts';

const world = journey({ apps: [], connections: { acme: {} } });

const kafkaApps = ['ingress', 'router', 'outbound'] as const;

describe('78: the configuration is at fault', () => {
  it.each<[AppName, Record<string, string>]>([
    ['ingress', { INGRESS_PORT: 'http', LOG_LEVEL: 'loud', KAFKA_BROKERS: 'nowhere' }],
    ['router', { ROUTER_PROBES_PORT: '70000', LOG_FORMAT: 'xml', TOPIC_PREFIX: 'a b' }],
    ['outbound', { OUTBOUND_MAX_ATTEMPTS: '0', OUTBOUND_ATTEMPT_TIMEOUT_MS: '10s', KAFKA_SSL: 'perhaps' }],
    ['simulator', { SIMULATOR_PORT: 'http', LOG_LEVEL: 'loud', SIMULATOR_PUBLIC_URL: 'example.com' }],
  ])('%s names every bad variable', async (app, env) => {
    const { code, output } = await world.runToItsEnd(app, env);
    expect({ code, output }).toMatchObject({ code: 78 });
    for (const name of Object.keys(env)) expect(output).toContain(name);
    expect(output).not.toMatch(/\n\s+at /);
  });

  it.each(kafkaApps)('%s names every fault of bridge.yaml, each with its place', async (app) => {
    const file = world.file('bad-bridge.yaml');
    writeFileSync(file, badFile);
    const { code, output } = await world.runToItsEnd(app, { BRIDGE_CONFIG: file });
    expect({ code, output }).toMatchObject({ code: 78 });
    for (const fault of faults) expect(output).toContain(`bad-bridge.yaml:${fault}`);
  });

  it('a secret of its own that is missing stops an app, and another one does not', async () => {
    const file = world.file('half-bridge.yaml');
    writeFileSync(file, halfFile);
    const { code, output } = await world.runToItsEnd('outbound', { BRIDGE_CONFIG: file });
    expect({ code, output }).toMatchObject({ code: 78 });
    expect(output).toContain('half-bridge.yaml:5:5 connections.acme.flowApiKey');
    expect(output).not.toContain('verificationKeys');
  });

  it('bridge config check says the same', async () => {
    const file = world.file('bad-bridge.yaml');
    writeFileSync(file, badFile);
    const { code, stderr } = await world.bridge('config', 'check', '--config', file);
    expect(code).toBe(78);
    for (const fault of faults) expect(stderr).toContain(`bad-bridge.yaml:${fault}`);
  });

  it.each(kafkaApps)('%s says which topics are missing and how to create them', async (app) => {
    const prefix = `${world.prefix}-other`;
    const { code, output } = await world.runToItsEnd(app, { TOPIC_PREFIX: prefix });
    expect({ code, output }).toMatchObject({ code: 78 });
    expect(output).toContain(`${prefix}.${app === 'outbound' ? 'send-commands' : 'inbound-events'}.v1`);
    expect(output).toContain('npm run bridge -- topics create');
  });

  it('outbound wants as many partitions of results as of commands', async () => {
    const prefix = `${world.prefix}-uneven`;
    const specs = topicTable(prefix).map((spec) => ({ ...spec, partitions: spec.kind === 'sendResults' ? 2 : 1 }));
    await createTopics(world.topics.client, specs, { replication: 1, minInsync: 1 });
    const { code, output } = await world.runToItsEnd('outbound', { TOPIC_PREFIX: prefix });
    expect({ code, output }).toMatchObject({ code: 78 });
    expect(output).toContain(`${prefix}.send-results.v1 has 2`);
  });

  it.each([
    ['ingress', 'INGRESS_PORT'],
    ['ingress', 'INGRESS_PROBES_PORT'],
    ['router', 'ROUTER_PROBES_PORT'],
    ['outbound', 'OUTBOUND_PROBES_PORT'],
    ['simulator', 'SIMULATOR_PORT'],
  ] as const)('%s names the busy port and %s, which sets it', async (app, variable) => {
    const [port = 0] = await freePorts(1);
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const { code, output } = await world.runToItsEnd(app, { [variable]: String(port) });
    other.close();
    expect({ code, output }).toMatchObject({ code: 78 });
    expect(output).toContain(String(port));
    expect(output).toContain(variable);
  });
});

describe('69: no broker answers', () => {
  it.each(kafkaApps)('%s names the broker, and does not wait for ever', async (app) => {
    const [port] = await freePorts(1);
    const env = { KAFKA_BROKERS: `127.0.0.1:${port}`, KAFKA_STARTUP_TIMEOUT_MS: '300' };
    const { code, output } = await world.runToItsEnd(app, env);
    expect({ code, output }).toMatchObject({ code: 69 });
    expect(output).toContain(`no Kafka broker answered at 127.0.0.1:${port}`);
    expect(output).toContain('KAFKA_BROKERS');
  });
});

const badFile = `connections:
  acme:
    workspace: 4821
    verificationKeys: [{ file: acme-verification-key }]
    flowApiKey: { file: acme-flow-api-key }
    botUrl: { file: acme-bot-url }
    signature: { mode: sometimes }
    colour: blue
routes:
  - { name: lost, when: { connection: nobody }, channel: "room-{conversation.name}" }
defaultChanel: triage
egress: { allow: [127.0.0.1] }
`;
const faults = [
  '7:18 connections.acme.signature.mode: must be one of enforce, monitor, off',
  '8:5 connections.acme.colour: is not a known key',
  '10:27 routes[0].when.connection',
  '10:49 routes[0].channel: uses {conversation.name}',
  '11:1 defaultChanel: is not a known key',
];

const halfFile = `connections:
  acme:
    workspace: 4821
    verificationKeys: [{ file: there-is-no-such-file }]
    flowApiKey: { file: there-is-no-such-file-either }
    botUrl: { file: acme-bot-url }
egress: { allow: [127.0.0.1] }
`;
