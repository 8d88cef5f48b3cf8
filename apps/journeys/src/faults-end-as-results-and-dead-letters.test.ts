import { deadLetterHeadersSchema } from '@bridge/schemas';
import { describe, expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { person } from './world/private-values.ts';
import { commandRecord, newTraceparent, resultsOf, sendCommand } from './world/send-commands.ts';
import { postWebhook } from './world/webhook-sender.ts';

const world = journey({
  connections: { acme: {}, watched: { bridge: { signature: { mode: 'monitor' } } } },
  routing: {
    channels: { 'unverified-too': { acceptsUnverified: true } },
    routes: [
      { name: 'tolerant', when: { conversation: '802' }, channel: 'unverified-too' },
      { name: 'strict', when: { connection: 'watched' }, channel: 'strict' },
      { name: 'rooms', when: { conversation: ['801', person.phone] }, channel: 'room-{conversation.id}' },
    ],
  },
});

/** Publishes a command and waits for its one result. */
async function resultFor(command: ReturnType<typeof sendCommand>) {
  const { sendCommands, sendResults } = world.topics.names;
  const traceparent = newTraceparent();
  const [ack] = await world.topics.publish([commandRecord(sendCommands, command, traceparent)]);
  const [result] = await world.topics.until(sendResults, `the result of ${command.id}`, (records) => {
    const results = resultsOf(records, command.id);
    return results.length > 0 && results;
  });
  return { result, ack, traceparent };
}

/** The dead letter with this value. */
async function deadLetter(what: string, has: (value: string | null) => boolean) {
  const record = await world.topics.until(world.topics.names.deadLetters, what, (records) =>
    records.find(({ value }) => has(value)),
  );
  return { record, about: deadLetterHeadersSchema.parse(record.headers) };
}

describe('what the bot answers', () => {
  it('503, then 200: tried again and sent, with the count of its attempts', async () => {
    const { workspace } = world.connection('acme');
    await world.simulator.addFault(workspace, { target: 'bot-url', kind: 'status', status: 503, conversation: '810' });
    const command = sendCommand({ connection: 'acme', conversation: '810', message: 'oi' });

    const { result } = await resultFor(command);
    expect(result).toMatchObject({ outcome: 'sent', attempts: 2, status: 200 });
    const received = await world.simulator.journal({ kind: 'received', conversation: '810' });
    expect(received.map(({ status }) => status)).toEqual([503, 200]);
    expect(received[0]?.body).toBe(received[1]?.body);
  });

  it('429 with Retry-After: tried again and sent', async () => {
    const { workspace } = world.connection('acme');
    const fault = { target: 'bot-url', kind: 'status', status: 429, retryAfter: 1, times: 2, conversation: '811' };
    await world.simulator.addFault(workspace, fault);
    const { result } = await resultFor(sendCommand({ connection: 'acme', conversation: '811', message: 'oi' }));
    expect(result).toMatchObject({ outcome: 'sent', attempts: 3, status: 200 });
  });

  it('a connection cut before the answer: tried again and sent', async () => {
    const { workspace } = world.connection('acme');
    await world.simulator.addFault(workspace, { target: 'bot-url', kind: 'reset', conversation: '812' });
    const { result } = await resultFor(sendCommand({ connection: 'acme', conversation: '812', message: 'oi' }));
    expect(result).toMatchObject({ outcome: 'sent', attempts: 2, status: 200 });
  });

  it('400: rejected at once, and a dead letter with the reason and the command as it was', async () => {
    const { workspace } = world.connection('acme');
    const body = { message: 'The sender is blocked.' };
    const fault = { target: 'bot-url', kind: 'status', status: 400, body, conversation: '813' };
    await world.simulator.addFault(workspace, fault);
    const command = sendCommand({ connection: 'acme', conversation: '813', message: 'oi' });
    const { result, ack, traceparent } = await resultFor(command);
    expect(result).toMatchObject({ outcome: 'rejected', attempts: 1, status: 400 });
    expect(result?.reason).toContain('The sender is blocked.');

    const { record, about } = await deadLetter('the rejected command', (value) => value?.includes(command.id) ?? false);
    expect(record).toMatchObject({ key: 'acme/813', value: JSON.stringify(command) });
    expect(about).toMatchObject({
      'x-dead-letter-topic': world.topics.names.sendCommands,
      'x-dead-letter-partition': String(ack?.partition),
      'x-dead-letter-offset': ack?.offset,
      'x-dead-letter-stage': 'outbound',
      'x-dead-letter-reason': 'rejected',
      'x-dead-letter-error': expect.stringContaining('The sender is blocked.'),
      'x-dead-letter-attempts': '1',
      'x-dead-letter-replays': '0',
    });
    expect(record.headers).toMatchObject({ ce_id: command.id, ce_type: 'nicochat.send-command.v1', traceparent });
    // The conversation goes on.
    const next = await resultFor(sendCommand({ connection: 'acme', conversation: '813', message: 'e agora?' }));
    expect(next.result).toMatchObject({ outcome: 'sent' });
  });
});

describe('what is no command for us', () => {
  it('not JSON: a dead letter as it came, and no result because there is no id to name', async () => {
    const value = '{"id":"half a comm';
    const { sendCommands, sendResults } = world.topics.names;
    await world.topics.publish([{ topic: sendCommands, key: 'acme/820', value, headers: { own: 'header' } }]);
    const { record, about } = await deadLetter('what is not JSON', (each) => each === value);
    expect(record).toMatchObject({ key: 'acme/820', headers: { own: 'header' } });
    expect(about).toMatchObject({ 'x-dead-letter-stage': 'outbound', 'x-dead-letter-reason': 'invalid' });

    await resultFor(sendCommand({ connection: 'acme', conversation: '820', message: 'the next one' }));
    const results = (await world.topics.recordsOf(sendResults)).filter(({ key }) => key === 'acme/820');
    expect(results).toHaveLength(1);
  });

  it('not after the schema, but with an id: a dead letter that names the fault, and a rejected result', async () => {
    const command = {
      ...sendCommand({ connection: 'acme', conversation: '821', message: 'oi' }),
      message: { kind: '?' },
    };
    const { result } = await resultFor(command as never);
    expect(result).toMatchObject({ outcome: 'rejected', attempts: 0, connection: 'acme', conversation: { id: '821' } });
    const { about } = await deadLetter('the invalid command', (value) => value?.includes(command.id) ?? false);
    expect(about['x-dead-letter-reason']).toBe('invalid');
    expect(about['x-dead-letter-error']).toContain('message');
  });

  it('for a connection that nobody configured: rejected, and a dead letter', async () => {
    const command = sendCommand({ connection: 'nobody', conversation: '822', message: 'oi' });
    const { result } = await resultFor(command);
    expect(result).toMatchObject({ outcome: 'rejected', attempts: 0, reason: expect.stringContaining('nobody') });
    const { about } = await deadLetter('the stray command', (value) => value?.includes(command.id) ?? false);
    expect(about['x-dead-letter-reason']).toBe('unknown-connection');
  });

  it('a conversation id that is no number, where the documented number is asked for: rejected', async () => {
    const command = sendCommand({ connection: 'acme', conversation: 'sala-7', message: 'oi' });
    const { result } = await resultFor(command);
    expect(result).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('conversation-id') });
    expect(await world.simulator.journal({ kind: 'received', conversation: 'sala-7' })).toEqual([]);
  });

  it('with the id of an earlier one of its conversation: not sent again, and said so', async () => {
    const command = sendCommand({ connection: 'acme', conversation: '824', message: 'uma vez só' });
    expect((await resultFor(command)).result).toMatchObject({ outcome: 'sent' });
    const { sendCommands, sendResults } = world.topics.names;
    await world.topics.publish([commandRecord(sendCommands, command)]);
    const [, second] = await world.topics.until(sendResults, 'the second result', (records) => {
      const results = resultsOf(records, command.id);
      return results.length > 1 && results;
    });
    expect(second).toMatchObject({ outcome: 'duplicate', attempts: 0 });
    expect(await world.simulator.journal({ kind: 'received', conversation: '824' })).toHaveLength(1);
  });

  it('past its expiresAt: not sent, and said so', async () => {
    const command = sendCommand({ connection: 'acme', conversation: '823', message: 'tarde' });
    const { result } = await resultFor({ ...command, expiresAt: '2020-01-01T00:00:00Z' });
    expect(result).toMatchObject({ outcome: 'expired', attempts: 0 });
    expect(await world.simulator.journal({ kind: 'received', conversation: '823' })).toEqual([]);
  });
});

describe('what the router cannot hand on', () => {
  const bodyOf = (conversation: string, text: string) =>
    JSON.stringify({ message_type: 'outgoing', content: text, conversation_id: conversation });

  it.each([
    ['no route matches and there is no default', '800', /no route matches/],
    ['a template yields no channel id', person.phone, /gives no valid channel id/],
  ])('unroutable: %s', async (_why, conversation, error) => {
    const body = bodyOf(conversation, `nowhere ${conversation}`);
    expect(await postWebhook(world.connection('acme'), body)).toMatchObject({ status: 200 });

    const { record, about } = await deadLetter('the unroutable event', (value) => {
      return value?.includes(`nowhere ${conversation}`) ?? false;
    });
    expect(record.key).toBe(`acme/${encodeURIComponent(conversation)}`);
    expect(JSON.parse(record.value ?? '').raw).toEqual(JSON.parse(body));
    expect(record.headers['ce_type']).toBe('nicochat.inbound-event.v1');
    expect(about).toMatchObject({
      'x-dead-letter-topic': world.topics.names.inboundEvents,
      'x-dead-letter-stage': 'router',
      'x-dead-letter-reason': 'unroutable',
      'x-dead-letter-error': expect.stringMatching(error),
    });
  });

  it('unverified, by a connection in monitor mode: only a channel that accepts such gets it', async () => {
    const watched = world.connection('watched');
    const forged = { 'x-hub-signature-256': 'sha256=00' };
    expect(await postWebhook(watched, bodyOf('801', 'unsigned'), {})).toMatchObject({ status: 200 });
    expect(await postWebhook(watched, bodyOf('802', 'forged'), forged)).toMatchObject({ status: 200 });
    expect(await postWebhook(watched, bodyOf('801', 'signed'))).toMatchObject({ status: 200 });

    const { about } = await deadLetter('the unverified event', (value) => value?.includes('unsigned') ?? false);
    expect(about).toMatchObject({ 'x-dead-letter-stage': 'router', 'x-dead-letter-reason': 'unverified' });
    const { channelMessages } = world.topics.names;
    const messages = await world.topics.until(channelMessages, 'the two others', (records) => {
      const ofWatched = records.filter(({ key }) => key?.startsWith('watched/'));
      return ofWatched.length >= 2 && ofWatched.map(({ value }) => JSON.parse(value ?? ''));
    });
    const said = messages.map(({ channel, verified, message }) => `${channel} ${verified} ${message.text}`);
    expect(said.toSorted()).toEqual(['strict true signed', 'unverified-too false forged']);
  });

  it('no event at all: a dead letter, and the next one passes', async () => {
    const { inboundEvents, channelMessages } = world.topics.names;
    await world.topics.publish([{ topic: inboundEvents, key: 'acme/801', value: 'no event', headers: {} }]);
    const { about } = await deadLetter('what is no event', (value) => value === 'no event');
    expect(about).toMatchObject({ 'x-dead-letter-stage': 'router', 'x-dead-letter-reason': 'invalid' });
    await postWebhook(world.connection('acme'), bodyOf('801', 'after it'));
    await world.topics.until(channelMessages, 'the next one', (all) =>
      all.some(({ value }) => value?.includes('after it')),
    );
  });
});
