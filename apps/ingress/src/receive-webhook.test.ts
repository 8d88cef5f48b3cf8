import { stringifyJson } from '@bridge/schemas';
import { defaultScheme, sign } from '@bridge/signature';
import { describe, expect, test } from 'vitest';
import { receiveWebhook } from './receive-webhook.ts';
import type { IngressConnection, WebhookRequest } from './receive-webhook.ts';
import { currentKey, oldKey, signed, testConnection } from './testing/test-connection.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const challenge = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const message = '{"content":"oi","conversation_id":501}';

type Change = Partial<Omit<WebhookRequest, 'body'>> & { body?: string | Buffer };

function receive({ body = '', ...change }: Change = {}) {
  return receiveWebhook({
    method: 'POST',
    headers: {},
    query: {},
    connection: testConnection(),
    handshakesExhausted: () => false,
    now,
    ...change,
    body: Buffer.from(body),
  });
}

const inMode = (mode: 'enforce' | 'monitor' | 'off'): IngressConnection =>
  testConnection({ signature: { ...defaultScheme, mode, capture: 0 } });

describe('the handshake', () => {
  const underscores = { hub_mode: 'subscribe', hub_verify_token: currentKey, hub_challenge: challenge };
  const dots = { 'hub.mode': 'subscribe', 'hub.verify_token': currentKey, 'hub.challenge': challenge };
  const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

  test.each<[string, Change]>([
    ['JSON with underscores', { body: JSON.stringify(underscores) }],
    ['JSON with dots', { body: JSON.stringify(dots) }],
    ['a form with underscores', { body: form(underscores) }],
    ['a form with dots', { body: form(dots) }],
    ['the query of a POST', { query: underscores }],
    ['the query of a POST, with dots', { query: dots }],
    ['the query of a GET', { method: 'GET', query: underscores }],
    ['the query of a GET, with dots', { method: 'GET', query: dots }],
    ['body and query together', { body: 'hub_mode=subscribe', query: { ...underscores, hub_mode: 'other' } }],
    ['an old key', { query: { ...underscores, hub_verify_token: oldKey } }],
    [
      'a wrong signature beside the right token',
      { query: underscores, headers: { signature: 'ab', 'x-signature': 'cd' } },
    ],
  ])('is answered when it comes as %s', (_name, change) => {
    expect(receive(change)).toEqual({ kind: 'handshake', challenge });
  });

  test('is decided before the signature of a body that is signed as well', () => {
    const body = JSON.stringify(underscores);
    expect(receive({ body, headers: signed(body) })).toEqual({ kind: 'handshake', challenge });
  });

  test.each([
    ['a token that is wrong', 'wrong-verification-key'],
    ['a token that only begins right', currentKey.slice(0, -1)],
    ['a token with one character more', `${currentKey}x`],
    ['a token in another case', currentKey.toUpperCase()],
  ])('with %s is refused', (_name, token) => {
    expect(receive({ query: { ...underscores, hub_verify_token: token } })).toEqual({ kind: 'bad-token' });
  });

  test('with a wrong token is refused before its challenge is judged', () => {
    const query = { ...underscores, hub_verify_token: 'wrong', hub_challenge: 'ç' };
    expect(receive({ query })).toEqual({ kind: 'bad-token' });
  });

  test.each([
    ['longer than 512 characters', 'a'.repeat(513)],
    ['far longer', 'a'.repeat(40_000)],
    ['not ASCII', 'desafío'],
    ['of two lines', 'a\r\nset-cookie: b'],
    ['with a NUL', 'a\0'],
  ])('with the right token and a challenge %s is refused', (_name, unsafe) => {
    expect(receive({ query: { ...underscores, hub_challenge: unsafe } })).toEqual({ kind: 'bad-challenge' });
    expect(receive({ body: form({ ...underscores, hub_challenge: unsafe }) })).toEqual({ kind: 'bad-challenge' });
  });

  test('echoes 512 characters, markup among them, as they are', () => {
    const long = '<script>'.padEnd(512, 'x');
    expect(receive({ query: { ...underscores, hub_challenge: long } })).toEqual({ kind: 'handshake', challenge: long });
  });

  test('is not looked at while its sender has failed too often', () => {
    expect(receive({ query: underscores, handshakesExhausted: () => true })).toEqual({ kind: 'handshake-throttled' });
    // Control: a webhook of the same sender is.
    expect(receive({ body: message, headers: signed(message), handshakesExhausted: () => true }).kind).toBe('received');
  });

  test.each<[string, Change]>([
    ['another mode', { query: { ...underscores, hub_mode: 'unsubscribe' } }],
    ['no challenge', { query: { ...underscores, hub_challenge: '' } }],
    ['a name given twice', { query: { ...underscores, hub_verify_token: [currentKey, currentKey] } }],
    ['a name given twice in a form', { body: `${form(underscores)}&hub_challenge=b` }],
    ['fields that are no text', { body: JSON.stringify({ ...underscores, hub_challenge: { a: 1 } }) }],
    ['its fields inside another object', { body: JSON.stringify({ data: underscores }) }],
  ])('with %s is none, and needs a signature', (_name, change) => {
    expect(receive(change)).toEqual({ kind: 'signature-missing' });
  });

  test('never fits an empty key', () => {
    const connection = testConnection({ verificationKeys: [{ key: '' }] });
    expect(receive({ connection, query: { ...underscores, hub_verify_token: 'x' } })).toEqual({ kind: 'bad-token' });
  });
});

describe('path and method', () => {
  test('a connection that is not configured is unknown, whatever the method, the token or the signature', () => {
    const query = { hub_mode: 'subscribe', hub_verify_token: currentKey, hub_challenge: challenge };
    for (const method of ['POST', 'GET', 'PUT', 'OPTIONS']) {
      const request = { connection: undefined, method, query, body: message, headers: signed(message) };
      expect(receive(request)).toEqual({ kind: 'unknown-connection' });
    }
  });

  test('GET is for the handshake only', () => {
    expect(receive({ method: 'GET' })).toEqual({ kind: 'method-not-allowed' });
    expect(receive({ method: 'GET', body: message, headers: signed(message) })).toEqual({ kind: 'method-not-allowed' });
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'])(
    '%s is not allowed, not even for a handshake',
    (method) => {
      const query = { hub_mode: 'subscribe', hub_verify_token: currentKey, hub_challenge: challenge };
      expect(receive({ method, query })).toEqual({ kind: 'method-not-allowed' });
    },
  );
});

describe('the signature', () => {
  test.each([
    ['the current key', currentKey],
    ['an old key', oldKey],
  ])('by %s is accepted', (_name, key) => {
    expect(receive({ body: message, headers: signed(message, key) })).toMatchObject({
      kind: 'received',
      signature: { kind: 'verified' },
    });
  });

  test('by a key that expires is accepted until then, and so is a handshake', () => {
    const keys = [{ key: oldKey, expiresAt: now }, { key: currentKey }];
    const connection = testConnection({ verificationKeys: keys });
    const query = { hub_mode: 'subscribe', hub_verify_token: oldKey, hub_challenge: challenge };
    const before = new Date(now.getTime() - 1);
    const signedAt = (at: Date) => receive({ connection, body: message, headers: signed(message, oldKey), now: at });
    expect(signedAt(before)).toMatchObject({ kind: 'received', signature: { secretIndex: 0 } });
    expect(signedAt(now)).toEqual({ kind: 'signature-mismatch' });
    expect(receive({ connection, query, now: before })).toEqual({ kind: 'handshake', challenge });
    expect(receive({ connection, query, now })).toEqual({ kind: 'bad-token' });
    // The other key still has the place that it has in bridge.yaml.
    expect(receive({ connection, body: message, headers: signed(message) })).toMatchObject({
      signature: { kind: 'verified', secretIndex: 1 },
    });
  });

  test.each<[string, Change, string]>([
    ['no signature', { body: message }, 'signature-missing'],
    [
      'a key that nobody knows',
      { body: message, headers: signed(message, 'another-verification-key') },
      'signature-mismatch',
    ],
    ['one byte changed', { body: message.replace('oi', 'oI'), headers: signed(message) }, 'signature-mismatch'],
    ['its end cut off', { body: message.slice(0, -1), headers: signed(message) }, 'signature-mismatch'],
    ['a space added', { body: `${message} `, headers: signed(message) }, 'signature-mismatch'],
    ['an empty body', { body: '', headers: signed('') }, 'signature-mismatch'],
    ['an empty body and no signature', {}, 'signature-missing'],
    [
      'a signature that is right, of a body that is no JSON, one byte changed',
      { body: 'oI', headers: signed('oi') },
      'signature-mismatch',
    ],
  ])('with %s is refused', (_name, change, kind) => {
    expect(receive(change)).toEqual({ kind });
  });

  test('of an old timestamp is stale', () => {
    const scheme = { ...defaultScheme, signedContent: 'timestamp.body' as const };
    const connection = testConnection({ signature: { ...scheme, mode: 'enforce', capture: 0 } });
    const headersAt = (at: Date) => sign({ body: Buffer.from(message), secret: currentKey, scheme, now: at });
    const longAgo = new Date(now.getTime() - 301_000);
    expect(receive({ connection, body: message, headers: headersAt(longAgo) })).toEqual({ kind: 'signature-stale' });
    expect(receive({ connection, body: message, headers: headersAt(now) }).kind).toBe('received');
  });

  test.each<[string, Change, string]>([
    ['right', { body: message, headers: signed(message) }, 'verified'],
    ['missing', { body: message }, 'missing'],
    ['wrong', { body: message, headers: signed('another') }, 'mismatch'],
  ])('that is %s is only noted in monitor mode', (_name, change, kind) => {
    expect(receive({ ...change, connection: inMode('monitor') })).toMatchObject({
      kind: 'received',
      signature: { kind },
    });
  });

  test('is not looked at in mode off', () => {
    expect(receive({ connection: inMode('off'), body: message, headers: signed(message) })).toMatchObject({
      kind: 'received',
      signature: { kind: 'not-checked' },
    });
  });
});

describe('the body', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

  test.each([
    ['no JSON', 'oi'],
    ['JSON cut off', '{"content":"oi"'],
    ['a string', '"oi"'],
    ['a number', '1'],
    ['null', 'null'],
    ['true', 'true'],
    ['a form', 'content=oi'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    [
      'an object with bytes that are no UTF-8',
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    ],
    ['an array nested 513 deep', nested(513)],
    ['an array nested 100,000 deep', nested(100_000)],
  ])('that is %s is refused, though it is signed', (_name, body) => {
    expect(receive({ body, headers: signed(body) })).toEqual({ kind: 'not-json' });
    expect(receive({ body, connection: inMode('off') })).toEqual({ kind: 'not-json' });
  });

  test.each([
    ['an empty object', '{}'],
    ['an object of other fields', '{"what":"ever"}'],
    ['an array of numbers', '[1]'],
    ['an array of arrays', '[[]]'],
    ['an array nested 512 deep', nested(512)],
    ['an object with names that JavaScript knows', '{"__proto__":{"a":1},"constructor":null}'],
  ])('that is %s is received as an event of kind unknown, with all it held', (_name, body) => {
    const received = receive({ body, headers: signed(body) });
    expect(received).toMatchObject({ kind: 'received', events: [{ message: { kind: 'unknown' } }] });
    if (received.kind === 'received')
      expect(JSON.stringify(JSON.parse(body))).toContain(stringifyJson(received.events[0]?.raw));
  });

  test('with several messages is received as several events, echoes counted', () => {
    const body = JSON.stringify([{ content: 'a' }, { content: 'b', message_type: 'incoming' }, { content: 'c' }]);
    const received = receive({ body, headers: signed(body) });
    expect(received).toMatchObject({
      kind: 'received',
      echoes: 1,
      events: [
        { message: { kind: 'text', text: 'a' }, index: 0 },
        { message: { kind: 'text', text: 'c' }, index: 1 },
      ],
    });
  });

  test('keeps numbers beyond 2^53', () => {
    const body = '{"conversation_id":9007199254740993123,"content":"oi","pi":3.14159265358979323846}';
    const received = receive({ body, headers: signed(body) });
    expect(received).toMatchObject({ kind: 'received', events: [{ conversation: { id: '9007199254740993123' } }] });
    if (received.kind === 'received') expect(stringifyJson(received.events[0]?.raw)).toBe(body);
  });
});
