import { randomUUID } from 'node:crypto';
import { checkTopics, connectKafka, createPublisher, createTopics, partitionOf, readTopic } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient, OutgoingRecord } from '@bridge/kafka';
import {
  channelTopicSpec,
  cloudEventHeaders,
  eventTypes,
  stringifyJson,
  topicNames,
  topicTable,
} from '@bridge/schemas';
import type { SendCommand, SendResult } from '@bridge/schemas';
import { testKafka } from '@bridge/tools/local-kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBridgeCommand, startBridge, temporaryFile } from '../bridge-command.fixture.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const prefix = `t-${randomUUID()}`;
const names = topicNames(prefix);
const replication = { replication: 1, minInsync: 1 };

let kafka: Awaited<ReturnType<typeof testKafka>>;
let client: KafkaClient;
let env: Record<string, string> = {};

const clientOf = (brokers: string) => {
  const settings = { brokers: brokers.split(','), topicPrefix: prefix, startupTimeoutMs: 30_000 };
  return connectKafka({ settings, clientId: 'cli-test', log: silent });
};

beforeAll(async () => {
  kafka = await testKafka();
  client = clientOf(kafka.brokers);
  env = { KAFKA_BROKERS: kafka.brokers, TOPIC_PREFIX: prefix };
  await createTopics(client, topicTable(prefix), replication);
});
afterAll(() => kafka?.stop());

async function publish(...records: OutgoingRecord[]) {
  const publisher = createPublisher({ client });
  await publisher.start();
  const acks = await publisher.publish(records);
  await publisher.stop({ deadline: new Date(Date.now() + 5_000) });
  return acks;
}

/** The first record of a topic that fits. */
async function recordIn(topic: string, fits: (record: ConsumedRecord) => boolean): Promise<ConsumedRecord> {
  const found = Promise.withResolvers<ConsumedRecord>();
  const onRecord = (record: ConsumedRecord) => fits(record) && found.resolve(record);
  const reader = await readTopic({ client, topic, from: 'beginning', onRecord });
  const record = await found.promise;
  await reader.stop();
  return record;
}

describe('topics', () => {
  const own = `t-${randomUUID()}`;
  const topics = topicTable(own).map(({ name }) => name);
  const channelTopic = `${own}.support.v1`;
  let args: string[] = [];
  beforeAll(() => {
    const path = temporaryFile(
      'topics.yaml',
      `connections: {}\nchannels: { support: { topic: ${channelTopic} }, room: {} }\n`,
    );
    args = ['--prefix', own, '--config', path];
  });

  it('are created with those of the channels, and once only', async () => {
    const missing = await runBridgeCommand(['topics', 'check', ...args], { env });
    expect(missing.stdout.trimEnd().split('\n')).toEqual([...topics, channelTopic].map((name) => `missing  ${name}`));
    expect(missing.stderr).toContain('topics missing: 6. Create them with');
    expect(missing.exitCode).toBe(1);

    const created = await runBridgeCommand(['topics', 'create', ...args], { env });
    expect(created.stdout.trimEnd().split('\n')).toEqual(
      [...topics, channelTopic].map((name) => `created  ${name} (12 partitions, replication 1, min.insync.replicas 1)`),
    );
    expect([created.exitCode, created.stderr]).toEqual([0, '']);
    expect(await checkTopics(client, [...topicTable(own), channelTopicSpec(channelTopic)])).toEqual([]);

    const again = await runBridgeCommand(['topics', 'create', ...args], { env });
    expect(again.stdout.trimEnd().split('\n')).toEqual([...topics, channelTopic].map((name) => `exists   ${name}`));
    expect(again.exitCode).toBe(0);

    const checked = await runBridgeCommand(['topics', 'check', ...args], { env });
    expect(checked.stdout.trimEnd().split('\n')).toEqual([...topics, channelTopic].map((name) => `ok       ${name}`));
    expect(checked.exitCode).toBe(0);
    expect(checked.stderr.trim()).toBe('Warning: one copy of each record. A lost disk is a lost topic.');
  });

  it('that differ are told setting by setting, and create leaves them', async () => {
    const drifted = `t-${randomUUID()}`;
    const specs = topicTable(drifted).map((spec) => ({ ...spec, partitions: 2, retentionMs: 60_000 }));
    await createTopics(client, specs, replication);

    const created = await runBridgeCommand(['topics', 'create', '--prefix', drifted], { env });
    expect(created.exitCode).toBe(0);
    expect(created.stderr).toContain('Some topics that were there already differ');

    const { exitCode, stdout, stderr } = await runBridgeCommand(['topics', 'check', '--prefix', drifted], { env });
    const topic = `${drifted}.inbound-events.v1`;
    expect(stdout).toContain(`drift    ${topic}: retention.ms is 60000, must be 604800000\n`);
    expect(stdout).toContain(`drift    ${topic}: partitions is 2, must be 12\n`);
    expect(stderr).toContain('settings that differ: 10.');
    expect(exitCode).toBe(1);
  });

  it('can not have more copies than there are brokers', async () => {
    const { exitCode, stdout, stderr } = await runBridgeCommand(['topics', 'create', '--replication', '99'], { env });
    expect(stderr).toContain('--replication 99: the cluster has only');
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  it('say that there is no bridge.yaml, and refuse one that was named and is not there', async () => {
    expect((await runBridgeCommand(['topics', 'check'], { env })).stderr).toContain('No bridge.yaml here');
    const named = await runBridgeCommand(['topics', 'check', '--config', '/nowhere/b.yaml'], { env });
    expect([named.exitCode, named.stdout]).toEqual([78, '']);
  });
});

describe('send', () => {
  const whose = ['--connection', 'acme', '--conversation', '501', '--contact-id', 'cliente-77'];

  it('publishes the command with its key, in its partition, with its headers', async () => {
    const args = ['send', ...whose, '--contact-name', 'Ana Souza', '--text', 'Oi, qual o prazo?', '--id', 'c-1'];
    const { exitCode, stdout, stderr } = await runBridgeCommand(args, { env });
    expect([exitCode, stderr]).toEqual([0, '']);

    const record = await recordIn(names.sendCommands, ({ headers }) => headers['ce_id'] === 'c-1');
    const place = `${names.sendCommands}[${record.partition}]@${record.offset}`;
    expect(stdout).toBe(`stored command c-1 in ${place}, key acme/501\n`);
    expect(record.key).toBe('acme/501');
    expect(record.partition).toBe(partitionOf('acme/501', 12));
    expect(JSON.parse(record.value ?? '')).toEqual({
      id: 'c-1',
      connection: 'acme',
      conversation: { id: '501' },
      contact: { id: 'cliente-77', name: 'Ana Souza' },
      message: { kind: 'text', text: 'Oi, qual o prazo?' },
    });
    expect(record.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_type: 'nicochat.send-command.v1',
      ce_source: '/bridge/cli',
      ce_subject: '501',
      'content-type': 'application/json',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
    });
  });

  it('publishes a command of standard input as it is', async () => {
    const text =
      '{"id":"c-json","connection":"acme","conversation":{"id":"7"},"contact":{"id":"c"},' +
      '"message":{"kind":"button","title":"Vendas","payload":" V "},"ticket":9007199254740993}';
    const { exitCode } = await runBridgeCommand(['send', '--json', '-'], { env, input: text });
    expect(exitCode).toBe(0);
    const record = await recordIn(names.sendCommands, ({ headers }) => headers['ce_id'] === 'c-json');
    expect(record).toMatchObject({ key: 'acme/7', value: text });
  });

  it('says that the topic is missing and how to make it', async () => {
    const args = ['send', ...whose, '--text', 'Oi', '--prefix', 't-none'];
    const { exitCode, stdout, stderr } = await runBridgeCommand(args, { env });
    expect(stderr).toContain('topics create');
    expect([exitCode, stdout]).toEqual([78, '']);
  });

  describe('and waits', () => {
    /** In outbound's place: answers a command with the results given, the way outbound publishes them. */
    async function answering(id: string, results: { result: Partial<SendResult>; offset?: string }[]) {
      const reader = await readTopic({
        client,
        topic: names.sendCommands,
        from: 'end',
        onRecord(record) {
          const command = JSON.parse(record.value ?? '') as SendCommand;
          if (command.id !== id) return;
          const records = results.map(({ result, offset }) => resultRecord(record, command, result, offset));
          void publish(...records);
        },
      });
      return () => reader.stop();
    }
    function resultRecord(
      record: ConsumedRecord,
      command: SendCommand,
      result: Partial<SendResult>,
      offset = record.offset,
    ) {
      const value = {
        commandId: command.id,
        connection: command.connection,
        conversation: command.conversation,
        outcome: 'sent',
        attempts: 1,
        at: new Date().toISOString(),
        ...result,
      };
      return {
        topic: names.sendResults,
        partition: record.partition,
        key: record.key,
        value: JSON.stringify(value),
        headers: { 'x-command-offset': offset, 'x-command-replays': '0' },
      };
    }
    const waiting = (id: string, seconds = '20') =>
      runBridgeCommand(['send', ...whose, '--text', 'Oi', '--id', id, '--wait', '--wait-seconds', seconds], { env });

    it('for the result, and is content with "sent" alone', async () => {
      const stop = await answering('w-sent', [{ result: { status: 200 } }]);
      const { exitCode, stdout } = await waiting('w-sent');
      expect(stdout).toContain('command w-sent sent after 1 attempt, last answer 200\n');
      expect(exitCode).toBe(0);
      await stop();
    });

    it('for the result of this command, whatever else is told meanwhile', async () => {
      const stop = await answering('w-mine', [
        { result: { commandId: 'w-other' } },
        { result: { conversation: { id: '502' } } },
        { result: { connection: 'other' } },
        { result: { outcome: 'sent' }, offset: '999999' },
        { result: { outcome: 'rejected', status: 400, reason: 'refused: no such user' } },
      ]);
      const { exitCode, stdout, stderr } = await waiting('w-mine');
      expect(stdout).toContain('command w-mine rejected after 1 attempt, last answer 400: refused: no such user\n');
      expect(stderr).toContain('the message was not sent: rejected');
      expect(exitCode).toBe(1);
      await stop();
    });

    it('not for ever', async () => {
      const { exitCode, stdout, stderr } = await waiting('w-silent', '1');
      expect(stdout).toMatch(/^stored command w-silent in /);
      expect(stderr).toContain('no result came in 1 s');
      expect(stderr).toContain('tail send-results');
      expect(exitCode).toBe(1);
    });

    it('until Ctrl-C', async () => {
      const running = startBridge(['send', ...whose, '--text', 'Oi', '--wait'], { env });
      await running.saw('Waiting for its result');
      running.interrupt('SIGINT');
      const { exitCode, stderr } = await running.ended;
      expect(stderr).toContain('may still be sent');
      expect(exitCode).toBe(1);
    });
  });
});

describe('tail', () => {
  const event = (id: string, connection: string, conversation: string, text: string) => ({
    id,
    redeliveryKey: id,
    connection,
    conversation: { id: conversation },
    author: { kind: 'bot' },
    message: { kind: 'text', text },
    verified: true,
    receivedAt: '2026-11-23T12:00:00.000Z',
    raw: { big: 1 },
  });
  const record = (id: string, connection: string, conversation: string, text: string): OutgoingRecord => ({
    topic: names.inboundEvents,
    key: `${connection}/${conversation}`,
    value: stringifyJson(event(id, connection, conversation, text)).replace('"big":1', '"big":9007199254740993'),
    headers: cloudEventHeaders({
      id,
      type: eventTypes.inboundEvent,
      source: `/connections/${connection}`,
      time: '2026-11-23T12:00:00.000Z',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    }),
  });

  beforeAll(async () => {
    await publish(
      record('e-1', 'acme', '501', 'um'),
      record('e-2', 'acme', '502', 'dois'),
      record('e-3', 'other', '501', 'três'),
      { topic: names.inboundEvents, key: 'acme/501', value: 'not json', headers: {} },
    );
  });

  it('shows what is there as JSON lines, numbers as they were written', async () => {
    const args = ['tail', 'inbound-events', '--from-beginning', '--json', '--max', '4'];
    const { exitCode, stdout } = await runBridgeCommand(args, { env });
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const records = lines.map((line) => JSON.parse(line) as { key: string; value: { id?: string } });
    expect(new Set(records.map(({ value }) => value.id ?? value))).toEqual(new Set(['e-1', 'e-2', 'e-3', 'not json']));
    expect(records.find(({ value }) => value.id === 'e-1')).toMatchObject({
      topic: names.inboundEvents,
      partition: partitionOf('acme/501', 12),
      offset: 0,
      timestamp: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/),
      key: 'acme/501',
      headers: { ce_id: 'e-1', ce_type: 'nicochat.inbound-event.v1' },
    });
    expect(stdout).toContain('"big":9007199254740993');
  });

  it.each([
    ['a connection', ['--connection', 'other'], 1, ['"três"']],
    ['a conversation', ['--conversation', '502'], 1, ['"dois"']],
    [
      'both, by the key where the value says nothing',
      ['--connection', 'acme', '--conversation', '501'],
      2,
      ['"um"', 'not json'],
    ],
  ])('shows only those of %s', async (_case, filter, count, texts) => {
    const args = ['tail', names.inboundEvents, '--from-beginning', '--max', String(count), ...filter];
    const { exitCode, stdout } = await runBridgeCommand(args, { env });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(count);
    for (const text of texts) expect(stdout).toContain(text);
    expect(exitCode).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('shows what comes from now on, until %s, and ends with 0', async (signal) => {
    const running = startBridge(['tail', 'inbound-events'], { env });
    await running.saw('Ctrl-C ends');
    await publish(record(`now-${signal}`, 'acme', '501', `agora ${signal}`));
    await running.saw(`agora ${signal}`);
    running.interrupt(signal);
    const { exitCode, stdout } = await running.ended;
    expect(stdout).toMatch(/^\S+Z \S+\[\d+\]@\d+ acme\/501 bot: "agora SIG(INT|TERM)"\n$/);
    expect(exitCode).toBe(0);
  });

  it('ends with 0 when its reader leaves first, as head does', async () => {
    const running = startBridge(['tail', 'inbound-events'], { env });
    await running.saw('Ctrl-C ends');
    running.closeStdout();
    await publish(record('unread', 'acme', '501', 'adeus'));
    expect(await running.ended).toEqual({ exitCode: 0, stdout: '', stderr: expect.stringContaining('Ctrl-C ends') });
  });

  it('says that there is no such topic, and which there are', async () => {
    const { exitCode, stdout, stderr } = await runBridgeCommand(['tail', 'inbound-event'], { env });
    expect(stderr).toContain('there is no topic inbound-event\n');
    expect(stderr).toContain('short names: inbound-events, channel-messages');
    expect([exitCode, stdout]).toEqual([78, '']);
  });
});
