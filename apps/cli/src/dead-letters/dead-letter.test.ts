import { deadLetterRecord } from '@bridge/kafka';
import type { ConsumedRecord } from '@bridge/kafka';
import { describe, expect, it } from 'vitest';
import { consumedRecord } from '../consumed-record.fixture.ts';
import { deadLetterOf } from './dead-letter.ts';

/** The record of a dead letter, as the apps write it, as it is read back from partition 6 at 41. */
function letterRecord(value: string | null, given: Parameters<typeof consumedRecord>[1] = {}): ConsumedRecord {
  const record = consumedRecord(value, given);
  const letter = deadLetterRecord({
    topic: 'nicochat.dead-letters.v1',
    record,
    stage: 'outbound',
    reason: 'rejected',
    error: 'HTTP 400: no',
    attempts: 2,
    firstFailedAt: new Date('2026-11-23T11:00:00Z'),
  });
  const headers = letter.headers as Record<string, string>;
  return { ...record, topic: letter.topic, partition: 6, offset: '41', headers, rawHeaders: headers, sizeBytes: 512 };
}

describe('a dead letter', () => {
  it('is read from the headers that the apps give it', () => {
    const headers = { 'x-dead-letter-replays': '2', 'x-dead-letter-id': '6@12' };
    expect(deadLetterOf(letterRecord('{}', { headers }))).toEqual({
      id: '6@41',
      partition: 6,
      offset: 41n,
      timestampMs: Date.parse('2026-11-23T12:00:00.000Z'),
      key: 'acme/501',
      identity: { connection: 'acme', conversation: '501' },
      origin: { topic: 'nicochat.inbound-events.v1', partition: 3, offset: 15n },
      stage: 'outbound',
      reason: 'rejected',
      error: 'HTTP 400: no',
      attempts: '2',
      firstFailedAt: '2026-11-23T11:00:00.000Z',
      replays: 2,
      replayOf: '6@12',
      sizeBytes: 512,
      fingerprint: expect.any(String),
    });
  });

  it.each([
    ['of the key', 'acme/a%20b', '{"connection":"other","conversation":{"id":"7"}}', ['acme', 'a b']],
    ['of a key without a conversation', 'acme/contact/c', null, ['acme', undefined]],
    ['of the value, where there is no key', null, '{"connection":"beta","conversation":{"id":"7"}}', ['beta', '7']],
    ['of the value, where the key is a stranger’s', 'k', '{"connection":"beta"}', ['beta', undefined]],
    ['nobody’s', null, 'no json', [undefined, undefined]],
  ])('is %s', (_whose, key, value, [connection, conversation]) => {
    const { identity } = deadLetterOf(letterRecord(value, { key }));
    expect([identity.connection, identity.conversation]).toEqual([connection, conversation]);
  });

  it('has the same fingerprint as another with the same value, and no other', () => {
    const [one, same, other] = ['a', 'a', 'b'].map((value) => deadLetterOf(letterRecord(value)).fingerprint);
    expect([one === same, one === other]).toEqual([true, false]);
  });
});

describe('what is no dead letter, though it lies there,', () => {
  it.each([
    ['x-dead-letter-topic', undefined],
    ['x-dead-letter-partition', 'six'],
    ['x-dead-letter-offset', '-1'],
    ['x-dead-letter-replays', 'often'],
  ])('has no origin: %s is %s', (name, value) => {
    const record = letterRecord('{}');
    const { [name]: _left, ...rest } = record.headers;
    const headers: Record<string, string> = value === undefined ? rest : { ...rest, [name]: value };
    expect(deadLetterOf(record).origin).toBeDefined();
    expect(deadLetterOf({ ...record, headers })).toMatchObject({ origin: undefined, replays: 0 });
  });

  it('is shown all the same', () => {
    const { stage, reason, error, attempts } = deadLetterOf(consumedRecord(null));
    expect([stage, reason, error, attempts]).toEqual(['?', '?', '?', '?']);
  });
});
