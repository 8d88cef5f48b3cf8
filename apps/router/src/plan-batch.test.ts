import type { ConsumedRecord } from '@bridge/kafka';
import { expect, test } from 'vitest';
import type { Mapping } from './map-inbound-record.ts';
import type { RefusedBy } from './channel-topics.ts';
import { createMemory } from './memory.ts';
import { planBatch } from './plan-batch.ts';
import type { Repetition } from './repeated-events.ts';

const value = (changes: object = {}) =>
  JSON.stringify({
    id: '01J-0',
    redeliveryKey: 'm1/abc/0',
    connection: 'acme',
    conversation: { id: '501' },
    author: { kind: 'bot' },
    message: { kind: 'text', text: 'Oi' },
    verified: true,
    receivedAt: '2026-11-23T12:00:00.000Z',
    raw: { id: 1 },
    ...changes,
  });

function record(text: string | null, offset = '0'): ConsumedRecord {
  const rawKey = Buffer.from('acme/501');
  const rawValue = text === null ? null : Buffer.from(text);
  const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  const place = { topic: 'in', partition: 3, offset, timestampMs: 0, sizeBytes: 1 };
  return { ...place, key: 'acme/501', value: text, headers, rawKey, rawValue, rawHeaders: headers };
}

function world() {
  const memory = createMemory();
  const seen = memory.of(3);
  const reports: Mapping['kind'][] = [];
  const repetitions: Repetition[] = [];
  const refused = new Map<string, ReturnType<RefusedBy>>();
  const plan = (...records: ConsumedRecord[]) =>
    planBatch(records, {
      refusedBy: (topic) => refused.get(topic),
      rules: { channels: new Map(), routes: [], defaultChannel: 'triage' },
      seen,
      destinations: { channelMessages: 'out', deadLetters: 'dead', traceparent: (incoming) => incoming ?? 'new' },
      now: new Date('2026-11-23T12:00:01Z'),
      report(mapping) {
        reports.push(mapping.kind);
        if ('known' in mapping) repetitions.push(mapping.repetition);
      },
    });
  return { plan, reports, repetitions, refused, recall: memory.recall };
}

test('an event becomes a channel message under the same key and trace', () => {
  const { plan, reports } = world();
  const { outgoing, stored } = plan(record(value()));
  expect(outgoing).toHaveLength(1);
  expect(outgoing[0]).toMatchObject({ topic: 'out', key: Buffer.from('acme/501') });
  expect(outgoing[0]?.headers).toMatchObject({
    ce_id: '01J-0',
    ce_type: 'nicochat.channel-message.v1',
    ce_subject: 'triage',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
  const message = JSON.parse(String(outgoing[0]?.value)) as object;
  expect(message).toEqual({ ...(JSON.parse(value()) as object), channel: 'triage', duplicateSuspected: false });
  stored();
  expect(reports).toEqual(['routed']);
});

test('raw numbers beyond 2^53 and unknown fields come through as they were', () => {
  const text = value({ extra: 'kept' }).replace('"raw":{"id":1}', '"raw":{"id":90071992547409931234,"price":1.0}');
  const [out] = world().plan(record(text)).outgoing;
  expect(String(out?.value)).toContain('"raw":{"id":90071992547409931234,"price":1.0}');
  expect(String(out?.value)).toContain('"extra":"kept"');
});

test('what is no inbound event is a dead letter as it was, and the batch goes on', () => {
  const { plan } = world();
  const { outgoing } = plan(
    record('{"half":', '7'),
    record('{"id":"x"}', '8'),
    record(null, '9'),
    record(value(), '10'),
  );
  expect(outgoing.map(({ topic }) => topic)).toEqual(['dead', 'dead', 'dead', 'out']);
  expect(outgoing[0]).toMatchObject({
    value: Buffer.from('{"half":'),
    headers: { 'x-dead-letter-reason': 'invalid', 'x-dead-letter-offset': '7', 'x-dead-letter-stage': 'router' },
  });
});

test('an id that came before is dropped, in the same batch and in a later one', () => {
  const { plan, reports } = world();
  const first = plan(record(value()), record(value()));
  expect(first.outgoing).toHaveLength(1);
  first.stored();
  const second = plan(record(value()), record(value({ id: '01K-0', redeliveryKey: 'm2/def/0' })));
  second.stored();
  expect(second.outgoing).toHaveLength(1);
  expect(reports).toEqual(['routed', 'repeated', 'repeated', 'routed']);
});

test('a replay of a dead letter is no repeat of its first coming; the same replay twice is', () => {
  const replay = { ...record(value()), headers: { 'x-dead-letter-replays': '1' } };
  const { plan } = world();
  plan(record(value())).stored();
  const first = plan(replay);
  expect(first.outgoing).toHaveLength(1);
  first.stored();
  expect(plan(replay).outgoing).toHaveLength(0);
});

test('an event that would be too large as a channel message is a dead letter', () => {
  const large = value({ raw: { text: 'x'.repeat(4 * 1024 * 1024 - 8_300) } });
  const [letter] = world().plan(record(large)).outgoing;
  expect(letter).toMatchObject({ topic: 'dead', headers: { 'x-dead-letter-reason': 'too-large' } });
  const fits = value({ raw: { text: 'x'.repeat(4 * 1024 * 1024 - 9_600) } });
  expect(world().plan(record(fits)).outgoing[0]).toMatchObject({ topic: 'out' });
});

test.each([
  { kind: 'too-large', reason: 'too-large' },
  { kind: 'unavailable', reason: 'channel-topic-unavailable' },
] as const)('what its topic refuses as $kind is a dead letter, and its repeat is one of it', ({ kind, reason }) => {
  const { plan, refused, reports } = world();
  refused.set('out', { kind, error: 'out does not take it' });
  const { outgoing, stored } = plan(record(value()));
  stored();
  expect(outgoing).toMatchObject([
    {
      topic: 'dead',
      value: Buffer.from(value()),
      headers: { 'x-dead-letter-reason': reason, 'x-dead-letter-error': 'out does not take it' },
    },
  ]);
  refused.clear();
  plan(record(value())).stored();
  expect(plan(record(value({ id: '01K-0', redeliveryKey: 'm2/def/0' }))).outgoing).toMatchObject([{ topic: 'out' }]);
  expect(reports).toEqual([reason, 'repeated']);
});

test('a batch that could not be stored is planned again in full', () => {
  const { plan } = world();
  expect(plan(record(value())).outgoing).toHaveLength(1);
  expect(plan(record(value())).outgoing).toHaveLength(1);
});

/** What is said of deliveries, each `<redelivery key>@<time>` with `+<replays>` for a replay, one after the other. */
const deliveries: [what: string, given: string[], said: Repetition[]][] = [
  [
    'a redelivery is dropped within ten minutes of the one that was passed on',
    ['m1/abc/0@12:00', 'm1/abc/0@12:09', 'm1/abc/0@12:11', 'm1/abc/0@12:21', 'm1/abc/0@12:22'],
    ['first', 'repeated', 'first', 'repeated', 'first'],
  ],
  [
    'without a message id it is suspected, within ten minutes of the last one',
    ['/abc/0@12:00', '/abc/0@12:09', '/abc/0@12:18', '/abc/0@12:29', '/other/0@12:29'],
    ['first', 'suspected', 'suspected', 'first', 'first'],
  ],
  [
    'another body under the same message id is told, and a repeat of either is dropped',
    ['m1/abc/0@12:00', 'm1/other/0@12:01', 'm1/abc/0@12:02', 'm1/other/0@12:03', 'm1/third/0@12:30', 'm2/abc/0@12:30'],
    ['first', 'changed', 'repeated', 'repeated', 'first', 'first'],
  ],
  [
    'what waited in a spool and is older by more than ten minutes is no repeat, and forgets nothing',
    ['m1/abc/0@12:55', 'm1/abc/0@12:00', 'm1/abc/0@12:46', 'm1/abc/0@13:04'],
    ['first', 'first', 'repeated', 'repeated'],
  ],
  [
    'a replay does not tell when NicoChat sent it',
    ['m1/abc/0@12:00', 'm1/abc/0@12:30', 'm1/abc/0@12:00+1', 'm1/abc/0@12:35'],
    ['first', 'first', 'first', 'repeated'],
  ],
  [
    'another connection is another sender',
    ['m1/abc/0@12:00', 'm1/abc/0@12:01/globex', 'm1/other/0@12:02/globex', 'm1/abc/0@12:02'],
    ['first', 'first', 'changed', 'repeated'],
  ],
];

function delivered(text: string, index: number): ConsumedRecord {
  const [, redeliveryKey, time, replays = '0', connection = 'acme'] =
    /^(.+)@([\d:]+)(?:\+(\d))?(?:\/(\w+))?$/.exec(text) ?? [];
  const receivedAt = `2026-11-23T${time}:00.000Z`;
  const one = record(value({ id: `id-${index}`, redeliveryKey, receivedAt, connection }), String(index));
  return { ...one, headers: { 'x-dead-letter-replays': replays } };
}

test.each(deliveries)('%s: in one batch, in one after the other, and after a restart', (_, given, said) => {
  const records = given.map(delivered);
  const together = world();
  together.plan(...records).stored();
  expect(together.repetitions).toEqual(said);

  const apart = world();
  for (const one of records) apart.plan(one).stored();
  expect(apart.repetitions).toEqual(said);

  const afterRestart = records.map((one, index) => {
    const restarted = world();
    records.slice(0, index).forEach(restarted.recall);
    restarted.plan(one).stored();
    return restarted.repetitions[0];
  });
  expect(afterRestart).toEqual(said);
});

test('what is suspected is marked as such', () => {
  const { plan } = world();
  const out = plan(...['/abc/0@12:00', '/abc/0@12:01', 'm1/abc/0@12:02', 'm1/other/0@12:02'].map(delivered)).outgoing;
  const messages = out.map((one) => JSON.parse(String(one.value)) as { duplicateSuspected: boolean });
  expect(messages.map(({ duplicateSuspected }) => duplicateSuspected)).toEqual([false, true, false, false]);
});
