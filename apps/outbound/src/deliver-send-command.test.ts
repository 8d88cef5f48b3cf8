import type { ConsumedRecord } from '@bridge/kafka';
import { expect, test } from 'vitest';
import type { BotAnswer } from './bot-answer.ts';
import type { Entry } from './connection-gate.ts';
import { deliverSendCommand } from './deliver-send-command.ts';
import type { DeliveryContext, OutboundConnection } from './deliver-send-command.ts';
import { testConnection } from './testing/connection.ts';
import { testTenure } from './testing/tenure.ts';

const start = Date.parse('2026-11-23T12:00:00Z');
const command = {
  id: 'cmd-1',
  connection: 'acme',
  conversation: { id: '501' },
  contact: { id: 'cliente-77', name: 'Ana Souza' },
  message: { kind: 'text', text: 'Oi' },
};
const connection = testConnection();

const answered = (status: number, body = ''): BotAnswer => ({ kind: 'answered', status, body });
const lost: BotAnswer = { kind: 'lost-answer', error: 'no answer in time' };

type World = {
  /** How waiting for the connection ends. */
  entries?: Entry[];
  key?: string | null;
  /** How long the command lay in its topic. */
  ageMs?: number;
  /** What is found when the connection's secrets are read again, each time; nothing new when there is nothing left. */
  onDisk?: Partial<OutboundConnection>[];
  /** What happens to the configuration while the command waits; then its entry is `changed`. */
  whileWaiting?: (connections: Map<string, OutboundConnection>) => void;
  /** Whether it is this process's; `pass` puts the clock forward. */
  mayBegin?: (pass: (ms: number) => void) => Promise<boolean>;
};

/** A bot that gives these answers one after the other (the last one for ever), and a clock that waits advance. */
function deliver(value: unknown, answers: BotAnswer[], changes: Partial<OutboundConnection> = {}, world: World = {}) {
  const { entries = [], key = 'acme/501', ageMs = 0, mayBegin = async () => true } = world;
  const { onDisk = [], whileWaiting = () => {} } = world;
  let clock = start;
  const sent: unknown[] = [];
  const waits: number[] = [];
  const healths: string[] = [];
  const calls: string[] = [];
  const retries: string[] = [];
  const connections = new Map([['acme', { ...connection, ...changes }]]);
  const context: DeliveryContext = {
    connectionOf: (id) => connections.get(id),
    reread: () => {
      const change = onDisk.shift();
      if (change) connections.set('acme', { ...connection, ...change });
      return connections.get('acme');
    },
    judgeByLedger: () => 'new',
    enter: async (_, { until }) => {
      // Each entry takes a hundred milliseconds; the real gate says so itself when the time is over.
      clock += 100;
      const entry = entries.shift() ?? (clock >= until.getTime() ? 'late' : 'entered');
      if (entry === 'changed') whileWaiting(connections);
      return entry;
    },
    leave: (_, health) => healths.push(health),
    callBot: async ({ flowApiKey }, body) => {
      sent.push(body);
      calls.push(flowApiKey);
      return answers[Math.min(sent.length, answers.length) - 1] as BotAnswer;
    },
    limits: { maxAttempts: 3, maxAgeMs: 3_600_000 },
    now: () => new Date(clock),
    random: () => 1,
    wait: async (ms) => {
      waits.push(ms);
      clock += ms;
    },
    onAttempt: () => {},
    onRetry: ({ verdict }) => retries.push(verdict.kind),
  };
  const record = {
    key,
    value: typeof value === 'string' ? value : JSON.stringify(value),
    timestampMs: start - ageMs,
  } as ConsumedRecord;
  const tenure = testTenure({ mayBegin: () => mayBegin((ms) => (clock += ms)) });
  return deliverSendCommand(record, tenure, context).then((delivery) => ({
    delivery,
    sent,
    waits,
    healths,
    calls,
    retries,
  }));
}

test('an accepted command is sent once', async () => {
  const { delivery, sent } = await deliver(command, [answered(200)]);
  expect(delivery).toMatchObject({ kind: 'settled', outcome: 'sent', attempts: 1, status: 200 });
  expect(delivery).not.toHaveProperty('deadLetter');
  expect(sent).toHaveLength(1);
});

test('503, then 200: sent at the second attempt, after a wait', async () => {
  const { delivery, waits } = await deliver(command, [answered(503), answered(200)]);
  expect(delivery).toMatchObject({ outcome: 'sent', attempts: 2 });
  expect(waits).toEqual([1_000]);
});

test('400 is a dead letter with what the bot said', async () => {
  const { delivery, sent } = await deliver(command, [answered(400, '{"message":"content is required"}')]);
  expect(delivery).toMatchObject({
    outcome: 'rejected',
    attempts: 1,
    status: 400,
    reason: 'HTTP 400: content is required',
    deadLetter: { reason: 'rejected', error: 'HTTP 400: content is required' },
  });
  expect(sent).toHaveLength(1);
});

test('503 for ever: failed after the last attempt, with a dead letter', async () => {
  const { delivery, sent } = await deliver(command, [answered(503)]);
  expect(delivery).toMatchObject({
    outcome: 'failed',
    attempts: 3,
    status: 503,
    reason: 'attempts-exhausted: HTTP 503',
    deadLetter: { reason: 'attempts-exhausted' },
  });
  expect(sent).toHaveLength(3);
});

test('a refused key is tried until the command is too old, however many attempts that takes', async () => {
  const { delivery, sent, healths } = await deliver(command, [answered(401)]);
  expect(delivery).toMatchObject({ outcome: 'failed', status: 401, deadLetter: { reason: 'too-old' } });
  expect(sent.length).toBeGreaterThan(100);
  expect(new Set(healths)).toEqual(new Set(['key-refused']));
});

test('attempts with a refused key do not use up those of the command', async () => {
  const answers = [answered(401), answered(401), answered(401), answered(401), answered(503), answered(200)];
  expect((await deliver(command, answers)).delivery).toMatchObject({ outcome: 'sent', attempts: 6 });
});

test('every way to wait for the connection in vain has its end', async () => {
  const late = await deliver(command, [answered(503)], {}, { entries: ['entered', 'late'] });
  expect(late.delivery).toMatchObject({ outcome: 'failed', attempts: 1, reason: 'too-old: HTTP 503' });
  const expiring = { ...command, expiresAt: '2026-11-23T12:30:00Z' };
  expect((await deliver(expiring, [answered(503)], {}, { entries: ['late'] })).delivery).toMatchObject({
    outcome: 'expired',
    attempts: 0,
  });
  const crowded = await deliver(command, [answered(200)], {}, { entries: ['crowded-out'] });
  expect(crowded).toMatchObject({
    delivery: { outcome: 'failed', attempts: 0, deadLetter: { reason: 'connection-unavailable' } },
    sent: [],
  });
  expect((await deliver(command, [answered(200)], {}, { entries: ['stopped'] })).delivery).toEqual({
    kind: 'abandoned',
  });
});

test('what a call meant for its connection is told, also when the call failed in a way it must not', async () => {
  expect((await deliver(command, [answered(400)])).healths).toEqual(['ok']);
  expect((await deliver(command, [lost, answered(503), answered(200)])).healths).toEqual(['failed', 'failed', 'ok']);
});

test('a lost answer is sent again, or held as unknown, as the connection says', async () => {
  expect((await deliver(command, [lost, answered(200)])).delivery).toMatchObject({ outcome: 'sent', attempts: 2 });
  const held = await deliver(command, [lost, answered(200)], { onUnknownOutcome: 'hold' });
  expect(held.delivery).toMatchObject({ outcome: 'unknown', attempts: 1, deadLetter: { reason: 'unknown-outcome' } });
  expect(held.sent).toHaveLength(1);
});

test('an expired command is not sent; one that expires between attempts is not sent again', async () => {
  const past = await deliver({ ...command, expiresAt: '2026-11-23T11:59:59Z' }, [answered(200)]);
  expect(past).toMatchObject({ delivery: { outcome: 'expired', attempts: 0 }, sent: [] });
  const between = await deliver({ ...command, expiresAt: '2026-11-23T12:00:00.300Z' }, [answered(503)]);
  expect(between.delivery).toMatchObject({ outcome: 'expired', attempts: 1 });
});

test.each([
  ['no JSON', '{', 'invalid', {}],
  ['null', 'null', 'invalid', {}],
  [
    'an id, and no message',
    '{"id":"x","connection":"acme","conversation":{"id":"7"}}',
    'invalid',
    { id: 'x', connection: 'acme', conversation: { id: '7' } },
  ],
  [
    'an unknown connection',
    { ...command, connection: 'nobody' },
    'unknown-connection',
    { id: 'cmd-1', connection: 'nobody' },
    'nobody/501',
  ],
  [
    'a conversation id that is no number',
    { ...command, conversation: { id: 'sala-1' } },
    'rejected',
    { id: 'cmd-1' },
    'acme/sala-1',
  ],
  ['the key of another conversation', command, 'invalid', { id: 'cmd-1' }, 'acme/502'],
  ['a key without its connection', command, 'invalid', { id: 'cmd-1' }, '501'],
  ['no key', command, 'invalid', { id: 'cmd-1' }, null],
] as [string, unknown, string, object, (string | null)?][])(
  '%s is rejected without a request, with its dead letter',
  async (_, value, reason, identity, key = 'acme/501') => {
    const { delivery, sent } = await deliver(value, [answered(200)], {}, { key });
    expect(delivery).toMatchObject({ outcome: 'rejected', attempts: 0, identity, deadLetter: { reason } });
    expect(sent).toEqual([]);
  },
);

test('a conversation id that is no number is sent where the connection allows strings', async () => {
  const named = { ...command, conversation: { id: 'sala-1' } };
  const { delivery, sent } = await deliver(
    named,
    [answered(200)],
    { conversationId: 'string' },
    { key: 'acme/sala-1' },
  );
  expect(delivery).toMatchObject({ outcome: 'sent' });
  expect(sent).toMatchObject([{ conversation_id: 'sala-1' }]);
});

test('a stop between attempts abandons the command', async () => {
  const stop = new AbortController();
  const record = { key: 'acme/501', value: JSON.stringify(command), timestampMs: start } as ConsumedRecord;
  const delivery = await deliverSendCommand(record, testTenure({ ending: stop.signal }), {
    connectionOf: () => connection,
    reread: () => undefined,
    judgeByLedger: () => 'new',
    enter: async () => 'entered',
    leave: () => {},
    callBot: async () => answered(503),
    limits: { maxAttempts: 3, maxAgeMs: 3_600_000 },
    now: () => new Date(start),
    random: () => 1,
    wait: async () => stop.abort(),
    onAttempt: () => {},
    onRetry: () => {},
  });
  expect(delivery).toEqual({ kind: 'abandoned' });
});

test('the reason for a wrong key says what it is and what it should be, in the same encoding', async () => {
  const named = { ...command, conversation: { id: 'sala 1' } };
  const { delivery } = await deliver(named, [answered(200)], { conversationId: 'string' }, { key: 'acme/sala 1' });
  const error = 'the record\'s key is "acme/sala 1", and should be "acme/sala%201"';
  expect(delivery).toMatchObject({ reason: `invalid: ${error}`, deadLetter: { reason: 'invalid', error } });
});

test('the age counts from the time in the topic: what lay there for an hour is not tried, what comes later not again', async () => {
  const old = await deliver(command, [answered(200)], {}, { ageMs: 3_600_000 });
  expect(old).toMatchObject({
    delivery: { outcome: 'failed', attempts: 0, deadLetter: { reason: 'too-old' } },
    sent: [],
  });
  const young = await deliver(command, [answered(503)], {}, { ageMs: 3_600_000 - 1_000 });
  expect(young.delivery).toMatchObject({ outcome: 'failed', attempts: 1, deadLetter: { reason: 'too-old' } });
});

test('no attempt is made by who may be no member any more, and the connection is not blamed for it', async () => {
  const { delivery, sent, healths } = await deliver(command, [answered(200)], {}, { mayBegin: async () => false });
  expect(delivery).toEqual({ kind: 'abandoned' });
  expect([sent, healths]).toEqual([[], ['not-called']]);
});

test('who slept until the command was too old does not send it', async () => {
  const mayBegin = async (pass: (ms: number) => void) => {
    pass(3_600_000);
    return true;
  };
  const { delivery, sent, healths } = await deliver(command, [answered(200)], {}, { mayBegin });
  expect(delivery).toMatchObject({ outcome: 'failed', attempts: 0, deadLetter: { reason: 'too-old' } });
  expect([sent, healths]).toEqual([[], ['not-called']]);
});

test('each further attempt is told with what it comes after, and what comes after the last is none', async () => {
  const { retries } = await deliver(command, [answered(503), lost, answered(503)]);
  expect(retries).toEqual(['again', 'lost']);
  expect((await deliver(command, [answered(200)])).retries).toEqual([]);
});

test('the first failure is that of the first attempt that failed', async () => {
  const { delivery } = await deliver(command, [answered(503), answered(503), answered(400)]);
  expect(delivery).toMatchObject({ attempts: 3, firstFailedAt: new Date(start + 100) });
  expect((await deliver(command, [answered(200)])).delivery).not.toHaveProperty('firstFailedAt');
});

test('a refused key that was replaced meanwhile is tried again at once, and says nothing of its connection', async () => {
  const { delivery, healths, calls, waits } = await deliver(
    command,
    [answered(401), answered(200)],
    {},
    { onDisk: [{ flowApiKey: 'new-key' }] },
  );
  expect(delivery).toMatchObject({ outcome: 'sent', attempts: 2 });
  expect(calls).toEqual(['flow-key', 'new-key']);
  expect(healths).toEqual(['not-called', 'ok']);
  expect(waits).toEqual([0]);
});

test('a refused key that is still the same, or replaced by one that is refused too, is told', async () => {
  const answers = [answered(403), answered(401), answered(200)];
  const same = await deliver(command, answers, {}, { onDisk: [{}] });
  expect(same.healths).toEqual(['key-refused', 'key-refused', 'ok']);
  const worse = await deliver(command, answers, {}, { onDisk: [{ flowApiKey: 'new-key' }] });
  expect(worse.healths).toEqual(['not-called', 'key-refused', 'ok']);
});

test('a connection that changes while a command waits is called as it is then', async () => {
  const { delivery, calls } = await deliver(
    command,
    [answered(200)],
    {},
    {
      entries: ['changed'],
      whileWaiting: (connections) => connections.set('acme', { ...connection, flowApiKey: 'new-key' }),
    },
  );
  expect(delivery).toMatchObject({ outcome: 'sent', attempts: 1 });
  expect(calls).toEqual(['new-key']);
});

test('a connection that is removed while a command waits is unknown from then on', async () => {
  const { delivery, sent } = await deliver(
    command,
    [answered(503), answered(200)],
    {},
    { entries: ['entered', 'changed'], whileWaiting: (connections) => connections.delete('acme') },
  );
  expect(delivery).toMatchObject({
    outcome: 'rejected',
    attempts: 1,
    reason: 'unknown-connection: there is no connection acme',
    deadLetter: { reason: 'unknown-connection' },
    firstFailedAt: new Date(start + 100),
  });
  expect(sent).toHaveLength(1);
});
