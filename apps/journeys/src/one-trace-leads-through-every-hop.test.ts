import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsumedRecord } from '@bridge/kafka';
import { afterAll, describe, expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { person, privateValuesIn } from './world/private-values.ts';
import { commandRecord, newTraceparent, resultOf, sendCommand } from './world/send-commands.ts';
import { contextOf, lineage, receiveTraces } from './world/traces.ts';
import type { ReceivedSpan } from './world/traces.ts';
import { postWebhook, signed } from './world/webhook-sender.ts';

const traces = await receiveTraces();
const spool = mkdtempSync(join(tmpdir(), 'bridge-spool-'));
const ingress: Record<string, string> = { ...traces.env, INGRESS_SPOOL_DIR: spool };
const world = journey({
  connections: { acme: {} },
  // The bot answers in 721 and 722; 711 goes nowhere.
  routing: { routes: [{ name: 'known', when: { conversation: ['710', '712', '721', '722'] }, channel: 'known' }] },
  env: { ingress, router: traces.env, outbound: traces.env },
});
afterAll(() => {
  traces.stop();
  rmSync(spool, { recursive: true });
});

const webhook = 'POST /webhooks/:connection';
const client = { kind: 3 };
const named = (spans: ReceivedSpan[], name: string) => spans.filter((span) => span.name === name);
const failed = (span: ReceivedSpan | undefined) => span?.status.code === 2 && span.attributes['error.type'];

/** Posts a webhook that is part of a trace; the names of the topics, as spans have them, are the journey's. */
async function post(conversation: string, text: string) {
  const connection = world.connection('acme');
  const traceparent = newTraceparent();
  const payload = {
    message_type: 'outgoing',
    content: text,
    conversation_id: conversation,
    phone_number: person.phone,
  };
  const body = JSON.stringify(payload);
  const answer = await postWebhook(connection, body, { ...signed(connection, body), traceparent });
  expect(answer.status).toBe(200);
  return contextOf(traceparent);
}

async function recordOf(topic: string, text: string) {
  const has = ({ value }: { value: string | null }) => value?.includes(text);
  const record = await world.topics.until(topic, text, (records) => records.find(has));
  return { record, carried: contextOf(record.headers['traceparent']) };
}

/** Publishes a command that is part of a trace. */
async function send(conversation: string, message: string) {
  const traceparent = newTraceparent();
  const command = sendCommand({ connection: 'acme', conversation, message });
  await world.topics.publish([commandRecord(world.topics.names.sendCommands, command, traceparent)]);
  return { command, ...contextOf(traceparent) };
}

const resultsFor = ({ command }: { command: { id: string } }, count: number) =>
  world.topics.until(world.topics.names.sendResults, `${count} results of ${command.id}`, (records) => {
    const own = records.filter((record) => resultOf(record).commandId === command.id);
    return own.length >= count && own;
  });

/** All spans of a trace, once they lead from the one that a record's context names up to the webhook. */
const untilWhole = ({ headers }: ConsumedRecord) =>
  traces.until(contextOf(headers['traceparent']).traceId, 'a way to the webhook', (spans) => {
    return lineage(spans, carrier(spans, headers['traceparent'])).at(-1) === webhook && spans;
  });

/** The span that a record's context names. */
const carrier = (spans: ReceivedSpan[], traceparent: string | undefined) =>
  spans.find(({ spanId }) => spanId === contextOf(traceparent).spanId);

describe('inbound', () => {
  it('from the webhook through both topics to the channel message, with the transaction linked', async () => {
    const { inboundEvents, channelMessages } = world.topics.names;
    const { traceId, spanId } = await post('710', 'um rastro só');
    const { record, carried } = await recordOf(channelMessages, 'um rastro só');
    expect(carried).toMatchObject({ traceId, flags: '01' });

    const spans = await untilWhole(record);
    expect(lineage(spans, carrier(spans, record.headers['traceparent']))).toEqual([
      `send ${channelMessages}`,
      `process ${inboundEvents}`,
      `send ${inboundEvents}`,
      'request handler',
      webhook,
    ]);
    const [server] = named(spans, webhook);
    expect(server).toMatchObject({ parentSpanId: spanId, kind: 2, service: 'nicochat-bridge-ingress' });
    const inbound = await recordOf(inboundEvents, 'um rastro só');
    expect(inbound.carried.spanId).toBe(named(spans, `send ${inboundEvents}`)[0]?.spanId);
    const [process] = named(spans, `process ${inboundEvents}`);
    expect(process).toMatchObject({ kind: 5, service: 'nicochat-bridge-router' });
    expect(process?.attributes).toMatchObject({
      'messaging.system.name': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.destination.name': inboundEvents,
      'messaging.destination.partition.id': String(inbound.record.partition),
      'messaging.consumer.group.name': `${world.prefix}.router`,
      'messaging.message.id': inbound.record.headers['ce_id'],
      'bridge.connection': 'acme',
      'bridge.decision': 'routed',
    });

    const commit = await traces.find('the transaction', ({ name, links }) => {
      return name === `commit ${inboundEvents}` && links?.some((link) => link.spanId === process?.spanId);
    });
    expect(commit).toMatchObject({ ...client, links: [{ traceId, spanId: process?.spanId }] });
    expect(commit.traceId).not.toBe(traceId);
  });

  it('what has no channel: the dead letter keeps its context, its sending is in the trace', async () => {
    const { inboundEvents, deadLetters } = world.topics.names;
    const { traceId } = await post('711', 'sem canal');
    const { carried } = await recordOf(deadLetters, 'sem canal');
    const [sent, spans] = await traces.until(traceId, 'the sending of the dead letter', (all) => {
      const [found] = named(all, `send ${deadLetters}`);
      return found && ([found, all] as const);
    });
    const [event] = named(spans, `send ${inboundEvents}`);
    expect(carried).toMatchObject({ traceId, spanId: event?.spanId });
    expect(sent.links).toMatchObject([{ traceId, spanId: event?.spanId }]);
    const process = spans.find(({ spanId }) => spanId === sent.parentSpanId);
    expect([process?.name, failed(process)]).toEqual([`process ${inboundEvents}`, 'unroutable']);
  });

  it('what waited in the spool, over a restart, goes on in its trace; the batch from the spool links to it', async () => {
    const { inboundEvents, channelMessages } = world.topics.names;
    const restart = async (change: Record<string, string>) => {
      expect(await world.app('ingress').terminate()).toMatchObject({ code: 0 });
      Object.assign(ingress, change);
      await world.start('ingress');
    };
    const brokers = world.brokers();
    await restart({ KAFKA_BROKERS: '127.0.0.1:1', INGRESS_PUBLISH_TIMEOUT_MS: '500' });
    const { traceId } = await post('712', 'do spool');
    await restart({ KAFKA_BROKERS: brokers, INGRESS_PUBLISH_TIMEOUT_MS: '30000' });

    const { record } = await recordOf(channelMessages, 'do spool');
    const spans = await untilWhole(record);
    expect(lineage(spans, carrier(spans, record.headers['traceparent']))).toHaveLength(5);
    const [event] = named(spans, `send ${inboundEvents}`);
    const batch = await traces.find('the batch', ({ links }) => links?.some(({ spanId }) => spanId === event?.spanId));
    expect(batch).toMatchObject({ ...client, name: `send ${inboundEvents}`, service: 'nicochat-bridge-ingress' });
    expect(batch.traceId).not.toBe(traceId);
  });
});

describe('outbound', () => {
  it('from the command through each attempt to the result', async () => {
    const { sendCommands, sendResults } = world.topics.names;
    const { workspace } = world.connection('acme');
    const fault = { target: 'bot-url', kind: 'status', status: 503, times: 2, conversation: '721' };
    await world.simulator.addFault(workspace, fault);
    const sent = await send('721', 'tentativas');
    const [result] = await resultsFor(sent, 1);
    const { traceId, spanId } = sent;
    const spans = await traces.until(traceId, 'the handling', (all) => named(all, `process ${sendCommands}`)[0] && all);

    const [process] = named(spans, `process ${sendCommands}`);
    expect(process).toMatchObject({ parentSpanId: spanId, kind: 5, service: 'nicochat-bridge-outbound' });
    expect(process?.attributes).toMatchObject({
      'messaging.destination.name': sendCommands,
      'messaging.consumer.group.name': `${world.prefix}.outbound`,
      'messaging.message.id': sent.command.id,
      'bridge.connection': 'acme',
      'bridge.outcome': 'sent',
      'bridge.attempts': 3,
    });
    const attempts = named(spans, 'attempt');
    expect(attempts.map(({ parentSpanId }) => parentSpanId)).toEqual(Array(3).fill(process?.spanId));
    expect(attempts.map(({ attributes }) => [attributes['bridge.attempt'], attributes['bridge.verdict']])).toEqual([
      [1, 'again'],
      [2, 'again'],
      [3, 'sent'],
    ]);
    expect(attempts.map(failed)).toEqual(['again', 'again', false]);

    const received = await world.simulator.journal({ kind: 'received', conversation: '721' });
    const calls = received.map(({ headers }) => carrier(spans, headers['traceparent']));
    expect(calls.map((call) => call?.parentSpanId)).toEqual(attempts.map((attempt) => attempt.spanId));
    expect(calls.map((call) => [call?.kind, call?.attributes['http.response.status_code']])).toEqual([
      [3, 503],
      [3, 503],
      [3, 200],
    ]);
    expect(lineage(spans, carrier(spans, result?.headers['traceparent']))).toEqual([
      `send ${sendResults}`,
      `process ${sendCommands}`,
    ]);
  });

  it('a dead letter and its replay are in the trace of the command', async () => {
    const { sendCommands, deadLetters, sendResults } = world.topics.names;
    const { workspace } = world.connection('acme');
    const fault = { target: 'bot-url', kind: 'status', status: 400, conversation: '722', times: 100 };
    await world.simulator.addFault(workspace, fault);
    const sent = await send('722', 'recusada');
    const { traceId, spanId } = sent;
    const { carried } = await recordOf(deadLetters, sent.command.id);
    expect(carried).toMatchObject({ traceId, spanId });
    await resultsFor(sent, 1);
    await world.simulator.clearFaults(workspace);
    expect(await world.bridge('dead-letters', 'replay', '--reason', 'rejected')).toMatchObject({ code: 0 });
    const [, replayed] = await resultsFor(sent, 2);

    const spans = await traces.until(traceId, 'two handlings', (all) => {
      return named(all, `process ${sendCommands}`).length === 2 && all;
    });
    const handled = named(spans, `process ${sendCommands}`);
    expect(handled.map(({ parentSpanId }) => parentSpanId)).toEqual([spanId, spanId]);
    expect(handled.map(failed)).toEqual(['rejected', false]);
    const [letter] = named(spans, `send ${deadLetters}`);
    expect(letter).toMatchObject({ parentSpanId: handled[0]?.spanId, links: [{ traceId, spanId }] });
    const last = carrier(spans, replayed?.headers['traceparent']);
    expect(last).toMatchObject({ name: `send ${sendResults}`, parentSpanId: handled[1]?.spanId });
  });
});

it('no span holds a key, a bot_url, a text, a name or a phone number', () => {
  const text = traces.text();
  for (const told of ['bridge.verdict', 'bridge.decision', '/webhooks/acme']) expect(text).toContain(told);
  expect(privateValuesIn(text, 'process')).toEqual([]);
  // A record's key, and texts.
  for (const told of ['acme/7', 'um rastro', 'sem canal', 'tentativas']) expect(text).not.toContain(told);
});
