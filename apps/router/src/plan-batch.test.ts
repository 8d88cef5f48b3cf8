import type { ConsumedRecord } from '@bridge/kafka';
import { expect, test } from 'vitest';
import type { Mapping } from './map-inbound-record.ts';
import { planBatch } from './plan-batch.ts';
import { seenNothing } from './repeated-events.ts';

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
  const seen = seenNothing();
  const reports: Mapping['kind'][] = [];
  const plan = (...records: ConsumedRecord[]) =>
    planBatch(records, {
      rules: { channels: new Map(), routes: [], defaultChannel: 'triage' },
      seen,
      destinations: { channelMessages: 'out', deadLetters: 'dead', traceparent: (incoming) => incoming ?? 'new' },
      now: new Date('2026-11-23T12:00:01Z'),
      report: (mapping) => reports.push(mapping.kind),
    });
  return { plan, reports };
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

test('a batch that could not be stored is planned again in full', () => {
  const { plan } = world();
  expect(plan(record(value())).outgoing).toHaveLength(1);
  expect(plan(record(value())).outgoing).toHaveLength(1);
});

test('a redelivery is dropped within ten minutes when it has a message id, else only suspected', () => {
  const { plan } = world();
  const at = (time: string) => ({ receivedAt: `2026-11-23T${time}.000Z` });
  const values = [
    value({ id: 'a', redeliveryKey: 'm1/abc/0', ...at('12:00:00') }),
    value({ id: 'b', redeliveryKey: 'm1/abc/0', ...at('12:09:59') }),
    value({ id: 'c', redeliveryKey: 'm1/abc/0', ...at('12:30:00') }),
    value({ id: 'd', redeliveryKey: '/abc/0', ...at('12:00:00') }),
    value({ id: 'e', redeliveryKey: '/abc/0', ...at('12:01:00') }),
    value({ id: 'f', redeliveryKey: 'm1/other/0', ...at('12:01:00') }),
  ];
  const out = plan(...values.map((text, index) => record(text, String(index)))).outgoing;
  const messages = out.map((one) => JSON.parse(String(one.value)) as { id: string; duplicateSuspected: boolean });
  expect(messages.map(({ id, duplicateSuspected }) => [id, duplicateSuspected])).toEqual([
    ['a', false],
    ['c', false],
    ['d', false],
    ['e', true],
    ['f', false],
  ]);
});
