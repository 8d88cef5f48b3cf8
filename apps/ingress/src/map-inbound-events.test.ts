import { createHash } from 'node:crypto';
import { inboundEventSchema, normalizeWebhook, parseJson } from '@bridge/schemas';
import { describe, expect, test } from 'vitest';
import { mapInboundEvents } from './map-inbound-events.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const receiptId = '01JDCNV3E0Q8Y3T5M1X9K7B2ZA';

function map(text: string, change: { verified?: boolean } = {}) {
  const { events } = normalizeWebhook(parseJson(text));
  const receipt = {
    id: receiptId,
    at: new Date('2026-11-23T12:00:00.000Z'),
    connection: 'acme',
    body: Buffer.from(text),
    events,
    verified: true,
    traceparent,
    ...change,
  };
  return mapInboundEvents(receipt, 'nicochat.inbound-events.v1');
}

const valueOf = (record: { value: string | Buffer | null } | undefined) =>
  inboundEventSchema.parse(parseJson(String(record?.value)));

describe('an inbound event', () => {
  const text = '{"id":"m 1","content":"oi","conversation_id":501,"sender":{"type":"agent_bot","id":9}}';

  test('is a record with the key of its conversation and the headers of CloudEvents', () => {
    const [record, ...others] = map(text);
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      topic: 'nicochat.inbound-events.v1',
      key: 'acme/501',
      headers: {
        ce_specversion: '1.0',
        ce_id: `${receiptId}-0`,
        ce_type: 'nicochat.inbound-event.v1',
        ce_source: '/connections/acme',
        ce_subject: '501',
        ce_time: '2026-11-23T12:00:00.000Z',
        'content-type': 'application/json',
        traceparent,
      },
    });
    expect(record).not.toHaveProperty('partition');
  });

  test('says what was received, when, by which connection, and whether it was verified', () => {
    expect(valueOf(map(text)[0])).toMatchObject({
      id: `${receiptId}-0`,
      connection: 'acme',
      conversation: { id: '501' },
      author: { kind: 'bot' },
      message: { kind: 'text', text: 'oi' },
      verified: true,
      receivedAt: '2026-11-23T12:00:00.000Z',
      raw: JSON.parse(text),
    });
    expect(valueOf(map(text, { verified: false })[0]).verified).toBe(false);
  });

  test.each([
    [
      'its conversation',
      '{"content":"oi","conversation_id":"a/b ç","recipient":{"id":"c"}}',
      'acme/a%2Fb%20%C3%A7',
      'a/b ç',
    ],
    [
      'its contact, without a conversation',
      '{"content":"oi","recipient":{"id":"cliente/77"}}',
      'acme/contact/cliente%2F77',
      undefined,
    ],
    ['itself, without either', '{"content":"oi"}', `acme/event/${receiptId}-0`, undefined],
  ])('is kept in order with %s', (_name, payload, key, subject) => {
    const [record] = map(payload);
    expect(record?.key).toBe(key);
    expect(record?.headers['ce_subject']).toBe(subject);
  });

  test('keeps the digits of big numbers in the record', () => {
    const [record] = map('{"conversation_id":9007199254740993123,"content":"oi","x":1.10}');
    expect(record?.key).toBe('acme/9007199254740993123');
    expect(String(record?.value)).toContain('"raw":{"conversation_id":9007199254740993123,"content":"oi","x":1.10}');
  });
});

describe('the redelivery key', () => {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');

  test('is the message id, the digest of the raw body and the index', () => {
    const text = '{"id":"m/1","content":"oi"}';
    expect(valueOf(map(text)[0]).redeliveryKey).toBe(`m%2F1/${digest(text)}/0`);
  });

  test('begins with nothing when no message id was found', () => {
    const text = '{"content":"oi"}';
    expect(valueOf(map(text)[0]).redeliveryKey).toBe(`/${digest(text)}/0`);
  });

  test('is the same for the same bytes, and another for others', () => {
    const keyOf = (text: string) => valueOf(map(text)[0]).redeliveryKey;
    expect(keyOf('{"id":1,"content":"oi"}')).toBe(keyOf('{"id":1,"content":"oi"}'));
    expect(keyOf('{"id":1,"content":"oi"}')).not.toBe(keyOf('{"id":1,"content":"oi" }'));
  });

  test('tells the events of one request apart', () => {
    const records = map('[{"content":"a"},{"content":"a"}]').map(valueOf);
    expect(records.map(({ id }) => id)).toEqual([`${receiptId}-0`, `${receiptId}-1`]);
    expect(new Set(records.map(({ redeliveryKey }) => redeliveryKey)).size).toBe(2);
  });
});
