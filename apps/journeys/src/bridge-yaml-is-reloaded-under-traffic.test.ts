import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createTopics } from '@bridge/kafka';
import { channelTopicSpec } from '@bridge/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applied, changeBridgeFile, metricOf, readiness } from './world/bridge-file.ts';
import type { BridgeFile } from './world/bridge-file.ts';
import { journey } from './world/journey.ts';
import { secretOf } from './world/private-values.ts';
import { commandRecord, resultsOf, sendCommand } from './world/send-commands.ts';
import { startTraffic } from './world/steady-traffic.ts';
import { until } from './world/until.ts';
import { postWebhook, signed } from './world/webhook-sender.ts';

const quiet = { workspace: { botAnswers: false } };
const world = journey({ connections: { steady: quiet, changing: quiet }, routing: { defaultChannel: 'triage' } });
const readers = ['ingress', 'router', 'outbound'] as const;

/** All the time, whatever becomes of the configuration. */
let steady: ReturnType<typeof startTraffic>;
beforeAll(() => void (steady = startTraffic(world, world.connection('steady'), '501')));

async function resultFor(conversation: string) {
  const { sendCommands, sendResults } = world.topics.names;
  const command = sendCommand({ connection: 'changing', conversation, message: 'oi' });
  await world.topics.publish([commandRecord(sendCommands, command)]);
  return world.topics.until(sendResults, `the result of ${command.id}`, (all) => resultsOf(all, command.id)[0]);
}

const bodyOf = (text: string) => JSON.stringify({ message_type: 'outgoing', content: text, conversation_id: 777 });

async function webhook(text = 'oi', headers?: Record<string, string>): Promise<number> {
  const body = bodyOf(text);
  const { status } = await postWebhook(world.connection('changing'), body, headers);
  return status;
}

/** The channel of a message, once it is in this topic. */
async function channelOf(text: string, topic: string): Promise<string> {
  const record = await world.topics.until(topic, `the message ${text}`, (all) =>
    all.find(({ value }) => value?.includes(`"${text}"`)),
  );
  return (JSON.parse(record.value ?? '') as { channel: string }).channel;
}

describe('a connection is', () => {
  let taken: BridgeFile['connections'][string] = {};

  it('removed: unknown to everybody', async () => {
    expect([await webhook(), (await resultFor('601')).outcome]).toEqual([200, 'sent']);
    await changeBridgeFile(world, [...readers], ({ connections }) => {
      taken = connections['changing'] ?? {};
      delete connections['changing'];
    });
    expect(await webhook()).toBe(404);
    expect(await resultFor('602')).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('unknown') });
  });

  it('added: served by everybody', async () => {
    await changeBridgeFile(world, [...readers], ({ connections }) => void (connections['changing'] = taken));
    expect([await webhook(), (await resultFor('603')).outcome]).toEqual([200, 'sent']);
  });

  it('changed: served as it is now', async () => {
    await changeBridgeFile(world, [...readers], ({ connections }) => {
      Object.assign(connections['changing'] ?? {}, { signature: { headers: ['x-nova'] } });
    });
    const headers = signed(world.connection('changing'), bodyOf('oi'));
    expect(await webhook('oi', headers)).toBe(401);
    expect(await webhook('oi', { 'x-nova': headers['x-hub-signature-256'] ?? '' })).toBe(200);
  });
});

it('a broken file changes nothing, is told of by every app, and is forgotten when it is mended', async () => {
  const path = world.file('bridge.yaml');
  const good = readFileSync(path, 'utf8');
  writeFileSync(path, good.replace('"limits"', '"limit"'));
  for (const app of readers) {
    const told = await until(`${app} to refuse it`, async () => {
      const { status, notes } = await readiness(world, app);
      return notes.length > 0 && { status, notes };
    });
    expect(told).toMatchObject({ status: 200, notes: [{ part: 'bridge.yaml', reason: expect.any(String) }] });
    expect(told.notes[0]?.reason).toMatch(/bridge\.yaml:\d+:\d+ connections\.\w+\.limit: is not a known key/);
    expect(await metricOf(world, app, 'bridge_config_refused')).toBe(1);
  }
  expect((await resultFor('604')).outcome).toBe('sent');
  writeFileSync(path, good);
  for (const app of readers) {
    await until(`${app} to be content`, async () => (await metricOf(world, app, 'bridge_config_refused')) === 0);
    expect(await readiness(world, app)).toEqual({ status: 200, notes: [] });
  }
});

it('log.level holds at once in every app; without it LOG_LEVEL does, which is debug here', async () => {
  const debugLines = (app: (typeof readers)[number]) =>
    readFileSync(world.app(app).logFile, 'utf8').split('"level":"debug"').length;
  await changeBridgeFile(world, [...readers], (file) => void (file.log = { level: 'info' }));
  const before = readers.map(debugLines);
  // Beside the steady traffic, of which each would have told.
  const { 'x-hub-signature-256': signature = '' } = signed(world.connection('changing'), bodyOf('quietly'));
  expect([await webhook('quietly', { 'x-nova': signature }), (await resultFor('605')).outcome]).toEqual([200, 'sent']);
  expect(await channelOf('quietly', world.topics.names.channelMessages)).toBe('triage');
  expect(readers.map(debugLines)).toEqual(before);

  await changeBridgeFile(world, [...readers], (file) => void delete file.log);
  for (const [index, app] of readers.entries()) {
    await until(`${app} to tell more`, () => debugLines(app) > (before[index] ?? 0));
  }
});

it('a route to a topic that is not there holds from when it is there', async () => {
  const { channelMessages } = world.topics.names;
  await changeBridgeFile(world, ['ingress', 'outbound'], (file) => {
    Object.assign(file.connections['changing'] ?? {}, { signature: {} });
    file.channels = { vip: { topic: world.ownTopic('vip') } };
    file.routes = [{ name: 'vip', when: { connection: 'changing' }, channel: 'vip' }];
  });
  await until('router to refuse it', async () => (await readiness(world, 'router')).notes.length > 0);
  expect((await readiness(world, 'router')).notes[0]?.reason).toContain(world.ownTopic('vip'));
  expect(await webhook('before')).toBe(200);
  expect(await channelOf('before', channelMessages)).toBe('triage');

  await applied(world, ['router'], () => {
    const spec = { ...channelTopicSpec(world.ownTopic('vip')), partitions: 4 };
    void createTopics(world.topics.client, [spec], { replication: 1, minInsync: 1 });
  });
  expect(await webhook('after')).toBe(200);
  expect(await channelOf('after', world.ownTopic('vip'))).toBe('vip');
});

it('a mounted folder is seen to change, whose links Kubernetes swaps', async () => {
  const secret = 'changing-verification-key';
  const mount = (version: string, change: (folder: string) => void) => {
    const folder = world.file(version);
    mkdirSync(folder);
    for (const name of ['bridge.yaml', secret]) writeFileSync(`${folder}/${name}`, readFileSync(world.file(name)));
    change(folder);
    symlinkSync(version, world.file('..data_tmp'));
    renameSync(world.file('..data_tmp'), world.file('..data'));
  };
  // The same content as before, by links.
  mount('..1', () => {});
  for (const name of ['bridge.yaml', secret]) {
    symlinkSync(`..data/${name}`, world.file('link'));
    renameSync(world.file('link'), world.file(name));
  }
  const [connection, body] = [world.connection('changing'), bodyOf('oi')];
  const withNewKey = signed({ ...connection, verificationKey: secretOf('another-verification-key') }, body);
  expect([await webhook('oi'), await webhook('oi', withNewKey)]).toEqual([200, 401]);

  await applied(world, ['ingress'], () =>
    mount('..2', (folder) => writeFileSync(`${folder}/${secret}`, secretOf('another-verification-key'))),
  );
  expect([await webhook('oi'), await webhook('oi', withNewKey)]).toEqual([401, 200]);
  await applied(world, ['ingress', 'outbound'], () =>
    mount('..3', (folder) => {
      const file = JSON.parse(readFileSync(`${folder}/bridge.yaml`, 'utf8')) as BridgeFile;
      delete file.connections['changing'];
      file.routes = [];
      writeFileSync(`${folder}/bridge.yaml`, JSON.stringify(file));
    }),
  );
  expect([await webhook('oi'), await webhook('oi', withNewKey)]).toEqual([404, 404]);
});

afterAll(() => steady.stop());

it('all the while the other connection was served as if nothing happened', async () => {
  await steady.stop();
  const { webhooks, messages, results } = await steady.report();
  expect(webhooks.length).toBeGreaterThan(100);
  expect(webhooks.filter(({ status }) => status !== 200)).toEqual([]);
  expect(messages).toEqual(webhooks.map(({ text }) => text));
  expect(results.length).toBeGreaterThan(100);
  const whatElse = results.filter(([result, ...more]) => result?.outcome !== 'sent' || more.length > 0);
  expect(whatElse).toEqual([]);
  expect(results.flat().filter(({ attempts }) => attempts !== 1)).toEqual([]);
});
