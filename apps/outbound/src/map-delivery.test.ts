import type { ConsumedRecord } from '@bridge/kafka';
import { deadLetterHeadersSchema, sendResultSchema } from '@bridge/schemas';
import { expect, test } from 'vitest';
import { mapDelivery } from './map-delivery.ts';

const record: ConsumedRecord = {
  topic: 'nicochat.send-commands.v1',
  partition: 7,
  offset: '42',
  key: 'acme/501',
  value: '{"id":"cmd-1"}',
  headers: { traceparent: 'tp', 'x-own': 'kept' },
  rawKey: Buffer.from('acme/501'),
  rawValue: Buffer.from('{"id":"cmd-1"}'),
  rawHeaders: { traceparent: 'tp', 'x-own': 'kept' },
  timestampMs: 0,
  sizeBytes: 10,
};
const context = {
  sendResults: 'results',
  deadLetters: 'dead',
  traceparent: 'tp',
  now: new Date('2026-11-23T12:00:05Z'),
};
const identity = { id: 'cmd-1', connection: 'acme', conversation: { id: '501' } };

test('a result lies in the partition of its command, under its key, and says which record it answers', () => {
  const [result, ...rest] = mapDelivery(
    { kind: 'settled', identity, outcome: 'sent', attempts: 2, status: 200 },
    record,
    context,
  );
  expect(rest).toEqual([]);
  expect(result).toMatchObject({ topic: 'results', partition: 7, key: record.rawKey });
  expect(result?.headers).toMatchObject({
    ce_type: 'nicochat.send-result.v1',
    ce_id: '7-42-0',
    ce_subject: 'cmd-1',
    traceparent: 'tp',
    'x-command-offset': '42',
    'x-command-replays': '0',
  });
  expect(sendResultSchema.parse(JSON.parse(String(result?.value)))).toEqual({
    commandId: 'cmd-1',
    connection: 'acme',
    conversation: { id: '501' },
    outcome: 'sent',
    attempts: 2,
    status: 200,
    at: '2026-11-23T12:00:05.000Z',
  });
});

test('a dead letter is the record as it was, with where it came from and why', () => {
  const deadLetter = { reason: 'rejected', error: 'HTTP 400: no' } as const;
  const firstFailedAt = new Date('2026-11-23T12:00:00Z');
  const delivery = { kind: 'settled', identity, outcome: 'rejected', attempts: 1, firstFailedAt, deadLetter } as const;
  const [letter, result] = mapDelivery(delivery, record, context);
  expect(letter).toMatchObject({ topic: 'dead', key: record.rawKey, value: record.rawValue });
  expect(letter?.headers).toEqual({
    traceparent: 'tp',
    'x-own': 'kept',
    'x-dead-letter-topic': 'nicochat.send-commands.v1',
    'x-dead-letter-partition': '7',
    'x-dead-letter-offset': '42',
    'x-dead-letter-stage': 'outbound',
    'x-dead-letter-reason': 'rejected',
    'x-dead-letter-error': 'HTTP 400: no',
    'x-dead-letter-attempts': '1',
    'x-dead-letter-first-failed-at': '2026-11-23T12:00:00.000Z',
    'x-dead-letter-replays': '0',
  });
  expect(deadLetterHeadersSchema.safeParse(letter?.headers).success).toBe(true);
  expect(result?.topic).toBe('results');
});

test('without an attempt the first failure is now', () => {
  const deadLetter = { reason: 'too-old', error: 'no attempt was made' } as const;
  const delivery = { kind: 'settled', identity, outcome: 'failed', attempts: 0, deadLetter } as const;
  const [letter] = mapDelivery(delivery, record, context);
  expect(letter?.headers).toMatchObject({ 'x-dead-letter-first-failed-at': '2026-11-23T12:00:05.000Z' });
});

test('a command without an id has its dead letter and no result', () => {
  const deadLetter = { reason: 'invalid', error: 'not JSON' } as const;
  const records = mapDelivery(
    { kind: 'settled', identity: {}, outcome: 'rejected', attempts: 0, deadLetter },
    record,
    context,
  );
  expect(records.map(({ topic }) => topic)).toEqual(['dead']);
});

test('the result of a replayed command says which replay it answers', () => {
  const replayed = { ...record, headers: { 'x-dead-letter-replays': '2' } };
  const [result] = mapDelivery({ kind: 'settled', identity, outcome: 'sent', attempts: 1 }, replayed, context);
  expect(result?.headers).toMatchObject({ ce_id: '7-42-2', 'x-command-replays': '2' });
});
