import { describe, expect, test } from 'vitest';
import { isSafeChallenge, readHandshake } from './handshake.ts';

const fields = { hub_mode: 'subscribe', hub_verify_token: 'k3y-so-nossa', hub_challenge: '0f1e2d3c' };
const dotted = { 'hub.mode': 'subscribe', 'hub.verify_token': 'k3y-so-nossa', 'hub.challenge': '0f1e2d3c' };
const found = { mode: 'subscribe', token: 'k3y-so-nossa', challenge: '0f1e2d3c' };

describe('readHandshake', () => {
  test.each([
    ['in the body', { query: {}, body: fields }],
    ['in the query', { query: fields, body: undefined }],
    ['with dots, in the body', { query: {}, body: dotted }],
    ['with dots, in the query', { query: dotted, body: [] }],
    [
      'half here, half there',
      { query: { hub_mode: 'subscribe', hub_challenge: '0f1e2d3c' }, body: { hub_verify_token: 'k3y-so-nossa' } },
    ],
    ['with an empty field in the body', { query: fields, body: { hub_challenge: '' } }],
  ])('finds it %s', (_where, sources) => {
    expect(readHandshake(sources)).toEqual(found);
  });

  test('the body wins', () => {
    expect(readHandshake({ query: { ...fields, hub_challenge: 'other' }, body: fields })).toEqual(found);
  });

  test.each([
    ['nothing', {}],
    ['a message', { content: 'oi' }],
    ['another mode', { ...fields, hub_mode: 'unsubscribe' }],
    ['no token', { ...fields, hub_verify_token: '' }],
    ['no challenge', { ...fields, hub_challenge: undefined }],
    ['lists', { ...fields, hub_challenge: ['a', 'b'] }],
    ['fields of a prototype', Object.create(fields) as object],
  ])('%s is no handshake', (_what, body) => {
    expect(readHandshake({ query: {}, body })).toBeUndefined();
  });
});

test.each([
  ['0f1e2d3c4b5a69788796a5b4c3d2e1f0', true],
  ['a b~!', true],
  ['x'.repeat(512), true],
  ['x'.repeat(513), false],
  ['', false],
  ['a\n', false],
  ['<é>', false],
  ['\u0000', false],
  ['\x7f', false],
])('whether the challenge %j may be echoed: %s', (challenge, safe) => {
  expect(isSafeChallenge(challenge)).toBe(safe);
});
