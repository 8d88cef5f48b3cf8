import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { commandRecord, newTraceparent, resultOf, sendCommand } from './world/send-commands.ts';
import { contextOf, receiveTraces } from './world/traces.ts';
import { postWebhook, signed } from './world/webhook-sender.ts';

const traces = await receiveTraces();
const ingress: Record<string, string> = { ...traces.env };
const world = journey({
  connections: { acme: {} },
  routing: { defaultChannel: 'triage' },
  env: { ingress, router: traces.env, outbound: traces.env },
});
afterAll(traces.stop);

const asNotSampled = (traceparent: string) => traceparent.replace(/-01$/, '-00');

/** Posts a webhook, with a trace of its own or without, and says what context its channel message carries. */
async function contextAfterWebhook(text: string, headers: { traceparent?: string }) {
  const body = JSON.stringify({ message_type: 'outgoing', content: text, conversation_id: '730' });
  const connection = world.connection('acme');
  await postWebhook(connection, body, { ...signed(connection, body), ...headers });
  const { channelMessages } = world.topics.names;
  const message = await world.topics.until(channelMessages, text, (records) =>
    records.find(({ value }) => value?.includes(text)),
  );
  return contextOf(message.headers['traceparent']);
}

/** Publishes a command with this context, and says which one its result carries. */
async function contextAfterCommand(traceparent: string) {
  const { sendCommands, sendResults } = world.topics.names;
  const command = sendCommand({ connection: 'acme', conversation: '731', message: 'oi' });
  await world.topics.publish([commandRecord(sendCommands, command, traceparent)]);
  const result = await world.topics.until(sendResults, 'the result', (records) =>
    records.find((record) => resultOf(record).commandId === command.id),
  );
  return contextOf(result.headers['traceparent']);
}

async function restartIngress(change: Record<string, string>) {
  expect(await world.app('ingress').terminate()).toMatchObject({ code: 0 });
  Object.assign(ingress, change);
  await world.start('ingress');
}

/** That the trace was not exported shows once a later one was. */
async function expectSilence(traceIds: string[]) {
  const sampled = newTraceparent();
  await contextAfterCommand(sampled);
  await traces.until(contextOf(sampled).traceId, 'what is sampled', (spans) => spans.length > 0);
  for (const traceId of traceIds) {
    expect(await traces.until(traceId, 'nothing', (spans) => spans)).toEqual([]);
  }
}

describe('OTEL_TRACES_SAMPLER=always_off at ingress', () => {
  beforeAll(() => restartIngress({ OTEL_TRACES_SAMPLER: 'always_off' }));

  it('the message carries a context that is not sampled, and no hop exports anything', async () => {
    const own = await contextAfterWebhook('sem rastro', {});
    expect(own).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/), flags: '00' });
    const traceparent = newTraceparent();
    const given = await contextAfterWebhook('com rastro alheio', { traceparent });
    expect(given).toMatchObject({ traceId: contextOf(traceparent).traceId, flags: '00' });
    await expectSilence([own.traceId, given.traceId]);
  });
});

describe('a sampler that follows the parent', () => {
  beforeAll(() => restartIngress({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }));

  it('a webhook with a sampled context is traced at every hop, one without, or with one that is not, at none', async () => {
    const sampled = newTraceparent();
    const [followed, unsampled, begun] = [
      await contextAfterWebhook('amostrada', { traceparent: sampled }),
      await contextAfterWebhook('não amostrada', { traceparent: asNotSampled(newTraceparent()) }),
      await contextAfterWebhook('a própria', {}),
    ];
    expect([followed.flags, unsampled.flags, begun.flags]).toEqual(['01', '00', '00']);
    expect(followed.traceId).toBe(contextOf(sampled).traceId);
    const services = await traces.until(followed.traceId, 'both hops', (spans) => {
      const names = new Set(spans.map(({ service }) => service));
      return names.size === 2 && names;
    });
    expect(services).toEqual(new Set(['nicochat-bridge-ingress', 'nicochat-bridge-router']));
    await expectSilence([unsampled.traceId, begun.traceId]);
  });

  it('a command that is not sampled is sent, and its result carries the same trace, not sampled', async () => {
    const traceparent = asNotSampled(newTraceparent());
    const { traceId } = contextOf(traceparent);
    expect(await contextAfterCommand(traceparent)).toMatchObject({ traceId, flags: '00' });
    await expectSilence([traceId]);
    const received = await world.simulator.journal({ kind: 'received', conversation: '731' });
    const ofTrace = received.map(({ headers }) => contextOf(headers['traceparent']));
    expect(ofTrace).toContainEqual(expect.objectContaining({ traceId, flags: '00' }));
  });
});
