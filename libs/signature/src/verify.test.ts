import { describe, expect, test } from 'vitest';
import { defaultScheme, sign, verify, type SignatureScheme, type VerifyInput } from './index.ts';

const secret = 'k3y-so-nossa';
const body = Buffer.from('{"content":"oi"}');
const hex = '208443bdc6ae2268ff62dfd3819cf8ba39931125ab082db5e6a15e1bd75874cf';
const otherHex = 'f'.repeat(64);
const base64 = Buffer.from(hex, 'hex').toString('base64');
const now = new Date('2026-11-23T12:00:00.000Z');
const nowSeconds = now.getTime() / 1000;

const only = (changes: Partial<SignatureScheme> = {}): SignatureScheme => ({
  ...defaultScheme,
  headers: ['x-signature'],
  ...changes,
});

function verifying(changes: Partial<VerifyInput>) {
  return verify({ body, headers: { 'x-signature': hex }, secrets: [secret], scheme: only(), now, ...changes });
}

const verified = { kind: 'verified', header: 'x-signature', secretIndex: 0 };

describe('a header', () => {
  test.each<[string, string | string[], Partial<SignatureScheme>]>([
    ['is the signature alone', hex, {}],
    ['has the prefix', `sha256=${hex}`, {}],
    ['has the prefix in capitals', `SHA256=${hex}`, {}],
    ['has another name before it', `v1=${hex}`, {}],
    ['has a configured prefix', `v0:${hex}`, { prefix: 'v0:' }],
    ['has a configured prefix with a space', `HMAC sig:${hex}`, { prefix: 'HMAC sig:' }],
    ['is a list of values with a configured prefix', `v0:${otherHex}, v0:${hex}`, { prefix: 'v0:' }],
    ['is without the configured prefix', hex, { prefix: 'v0:' }],
    ['is in capitals', hex.toUpperCase(), {}],
    ['has spaces around', ` ${hex} `, {}],
    ['is a list whose second value is right', `${otherHex}, ${hex}`, {}],
    ['is a list of prefixed values', `sha256=${otherHex},sha256=${hex}`, {}],
    ['is a list of named values', `t=1700000000,v1=${hex}`, {}],
    ['is a list with semicolons', `ts=1700000000;h1=${hex}`, {}],
    ['is a list of versions and values', `v1,${otherHex} v1,${hex}`, {}],
    ['is repeated', [otherHex, `sha256=${hex}`], {}],
    ['holds a twin of another algorithm', `sha1=${'0'.repeat(40)},sha256=${hex}`, {}],
    ['is in base64', base64, { encoding: 'base64' }],
    ['is in base64 without padding', base64.replace('=', ''), { encoding: 'base64' }],
    ['is in base64 with a prefix', `sha256=${base64}`, { encoding: 'base64' }],
    ['is hex where either is taken', hex, { encoding: 'either' }],
    ['is base64 where either is taken', base64, { encoding: 'either' }],
  ])('verifies when it %s', (_name, value, scheme) => {
    expect(verifying({ headers: { 'x-signature': value }, scheme: only(scheme) })).toEqual(verified);
  });

  test.each<[string, string, Partial<SignatureScheme>]>([
    ['is another signature', otherHex, {}],
    ['is cut', hex.slice(0, -1), {}],
    ['is cut by a byte', hex.slice(0, -2), {}],
    ['is longer', `${hex}00`, {}],
    ['is not hex', `${hex.slice(0, -1)}g`, {}],
    ['is base64 where hex is asked for', base64, {}],
    ['is hex where base64 is asked for', hex, { encoding: 'base64' }],
    ['is base64 with a stray character', `${base64.slice(0, 5)}.${base64.slice(5)}`, { encoding: 'base64' }],
    ['is base64 with spare bits set', base64.replace('8=', '9='), { encoding: 'base64' }],
    ['is signed by another algorithm', hex, { algorithm: 'sha1' }],
    ['has only the prefix', 'sha256=x', {}],
  ])('is a mismatch when it %s', (_name, value, scheme) => {
    expect(verifying({ headers: { 'x-signature': value }, scheme: only(scheme) })).toEqual({ kind: 'mismatch' });
  });

  test.each<[string, Record<string, string | string[] | undefined>]>([
    ['is absent', {}],
    ['is undefined', { 'x-signature': undefined }],
    ['is empty', { 'x-signature': '' }],
    ['is blank', { 'x-signature': '  ' }],
    ['is only the prefix', { 'x-signature': 'sha256=' }],
    ['has no values', { 'x-signature': [] }],
    ['has another name', { 'x-signature-256': hex }],
  ])('is missing when it %s', (_name, headers) => {
    expect(verifying({ headers })).toEqual({ kind: 'missing' });
  });

  test('is found by a configured name in capitals', () => {
    expect(verifying({ scheme: only({ headers: ['X-Signature'] }) })).toMatchObject({ kind: 'verified' });
  });
});

describe('several candidate headers', () => {
  const scheme = only({ headers: ['x-first', 'x-second'] });

  test('need only one that verifies, wherever it stands', () => {
    const second = verifying({ scheme, headers: { 'x-first': otherHex, 'x-second': hex } });
    expect(second).toEqual({ kind: 'verified', header: 'x-second', secretIndex: 0 });
    const first = verifying({ scheme, headers: { 'x-first': hex, 'x-second': otherHex } });
    expect(first).toEqual({ kind: 'verified', header: 'x-first', secretIndex: 0 });
  });

  test('are tried in the order of the scheme', () => {
    const outcome = verifying({ scheme, headers: { 'x-second': hex, 'x-first': hex } });
    expect(outcome).toMatchObject({ header: 'x-first' });
  });

  test('are a mismatch when none is right', () => {
    expect(verifying({ scheme, headers: { 'x-second': otherHex } })).toEqual({ kind: 'mismatch' });
  });
});

describe('secrets', () => {
  test('all verify, and the outcome tells which one did', () => {
    expect(verifying({ secrets: ['a-newer-key', secret] })).toEqual({ ...verified, secretIndex: 1 });
    expect(verifying({ secrets: [secret, 'an-older-key'] })).toEqual(verified);
  });

  test('that are others are a mismatch', () => {
    expect(verifying({ secrets: ['another-key'] })).toEqual({ kind: 'mismatch' });
    expect(verifying({ secrets: [] })).toEqual({ kind: 'mismatch' });
  });

  test('that are empty never verify, though the signature be made with an empty key', () => {
    // Python: hmac.new(b'', b'{\"content\":\"oi\"}', 'sha256').hexdigest()
    const madeWithEmptyKey = 'fccece32780ec93f366915b704486c41b754f86ff032f6c61f1afff4bcad7284';
    expect(verifying({ headers: { 'x-signature': madeWithEmptyKey }, secrets: [''] })).toEqual({ kind: 'mismatch' });
    expect(verifying({ secrets: ['', secret] })).toEqual({ ...verified, secretIndex: 1 });
  });

  test('never verify an empty body', () => {
    // printf '' | openssl dgst -sha256 -hmac k3y-so-nossa
    const ofNothing = '1c246109e8cd4e86a479869aec6445a7d42b9ddbb1df1c3d7fbf024bc27a696f';
    const headers = { 'x-signature': ofNothing };
    expect(verifying({ headers, body: Buffer.alloc(0) })).toEqual({ kind: 'mismatch' });
  });
});

describe('a signed timestamp', () => {
  const scheme = only({ signedContent: 'timestamp.body', timestampHeader: 'x-timestamp', toleranceSeconds: 300 });
  const signedAt = (seconds: number) => sign({ body, secret, scheme, now: new Date(seconds * 1000) });

  test.each([
    ['now', 0, 'verified'],
    ['at the end of the tolerance', -300, 'verified'],
    ['just too old', -301, 'stale'],
    ['ahead, at the end of the tolerance', 300, 'verified'],
    ['just too far ahead', 301, 'stale'],
    ['in milliseconds, so far ahead', nowSeconds * 999, 'stale'],
  ])('%s is judged', (_name, offset, kind) => {
    expect(verifying({ scheme, headers: signedAt(nowSeconds + offset) })).toMatchObject({ kind });
  });

  test('is part of what is signed', () => {
    const headers = { ...signedAt(nowSeconds), 'x-timestamp': String(nowSeconds + 1) };
    expect(verifying({ scheme, headers })).toEqual({ kind: 'mismatch' });
  });

  test('is a mismatch, not stale, when the signature is wrong: an old forgery is a forgery', () => {
    const headers = { 'x-signature': otherHex, 'x-timestamp': String(nowSeconds - 1000) };
    expect(verifying({ scheme, headers })).toEqual({ kind: 'mismatch' });
  });

  test('may stand inside the signature header', () => {
    const value = signedAt(nowSeconds)['x-signature']?.replace('sha256=', '') ?? '';
    const headers = { 'x-signature': `t=${nowSeconds},v1=${value}` };
    expect(verifying({ scheme, headers })).toEqual(verified);
  });

  test.each([
    ['absent', undefined],
    ['empty', ''],
    ['not a number', 'yesterday'],
    ['not whole', '1.5'],
    ['negative', '-1'],
  ])('that is %s is missing', (_name, timestamp) => {
    const headers = { ...signedAt(nowSeconds), 'x-timestamp': timestamp };
    expect(verifying({ scheme, headers })).toEqual({ kind: 'missing' });
  });

  test('is the best outcome of several headers only after verified', () => {
    const both = { ...scheme, headers: ['x-old', 'x-signature'] };
    const old = signedAt(nowSeconds - 1000);
    const headers = { 'x-old': otherHex, 'x-signature': old['x-signature'], 'x-timestamp': old['x-timestamp'] };
    expect(verifying({ scheme: both, headers })).toEqual({ kind: 'stale' });
  });
});
