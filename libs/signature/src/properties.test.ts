import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultScheme, sign, verify, type SignatureScheme } from './index.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const secret = 'k3y-so-nossa';
const verified = { kind: 'verified', header: 'x-signature', secretIndex: 0 };

const schemes: fc.Arbitrary<SignatureScheme> = fc.record({
  headers: fc.constant<string[]>(['x-signature']),
  algorithm: fc.constantFrom('sha256' as const, 'sha1' as const, 'sha512' as const),
  encoding: fc.constantFrom('hex' as const, 'base64' as const, 'either' as const),
  prefix: fc.constantFrom('', 'sha256=', 'v0:'),
  signedContent: fc.constantFrom('body' as const, 'timestamp.body' as const),
  timestampHeader: fc.constant('x-timestamp'),
  toleranceSeconds: fc.constant(300),
});
const bodies = fc.uint8Array({ minLength: 1, maxLength: 2000 });
const secrets = fc.string({ minLength: 1, unit: 'grapheme' });

test('what is signed verifies, under every scheme', () => {
  fc.assert(
    fc.property(schemes, bodies, secrets, (scheme, bytes, key) => {
      const headers = sign({ body: bytes, secret: key, scheme, now });
      expect(verify({ body: bytes, headers, secrets: [key], scheme, now })).toEqual(verified);
    }),
  );
});

test('any one changed byte of the body fails', () => {
  fc.assert(
    fc.property(schemes, bodies, secrets, fc.nat(), fc.integer({ min: 1, max: 255 }), (scheme, bytes, key, at, by) => {
      const headers = sign({ body: bytes, secret: key, scheme, now });
      const changed = Uint8Array.from(bytes, (byte, index) => (index === at % bytes.length ? byte ^ by : byte));
      expect(verify({ body: changed, headers, secrets: [key], scheme, now })).toEqual({ kind: 'mismatch' });
    }),
  );
});

test('any one changed byte of the signature fails', () => {
  fc.assert(
    fc.property(schemes, bodies, fc.nat(), fc.integer({ min: 1, max: 255 }), (scheme, bytes, at, by) => {
      const headers = sign({ body: bytes, secret, scheme, now });
      const encoding = scheme.encoding === 'base64' ? 'base64' : 'hex';
      const written = headers['x-signature']?.slice(scheme.prefix.length) ?? '';
      const signature = Buffer.from(written, encoding);
      signature[at % signature.length]! ^= by;
      const forged = { ...headers, 'x-signature': scheme.prefix + signature.toString(encoding) };
      expect(verify({ body: bytes, headers: forged, secrets: [secret], scheme, now })).toEqual({ kind: 'mismatch' });
    }),
  );
});

test('any one changed character of the header fails, but for the case of hex digits and the padding of base64', () => {
  const scheme: SignatureScheme = { ...defaultScheme, headers: ['x-signature'], encoding: 'either', prefix: '' };
  const body = Buffer.from('{"content":"oi"}');
  const written = (['hex', 'base64'] as const).map(
    (encoding) => sign({ body, secret, scheme: { ...scheme, encoding } })['x-signature'] ?? '',
  );
  fc.assert(
    fc.property(fc.constantFrom(...written), fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (value, at, char) => {
      const place = at % value.length;
      fc.pre(value[place] !== '=' && char.toLowerCase() !== value[place]?.toLowerCase());
      const forged = value.slice(0, place) + char + value.slice(place + 1);
      const outcome = verify({ body, headers: { 'x-signature': forged }, secrets: [secret], scheme, now });
      expect(outcome).toEqual({ kind: 'mismatch' });
    }),
  );
});

test('no header value makes it throw', () => {
  fc.assert(
    fc.property(schemes, fc.string(), fc.string(), (scheme, value, timestamp) => {
      const body = Buffer.from('{"content":"oi"}');
      const headers = { 'x-signature': value, 'x-timestamp': timestamp };
      expect(verify({ body, headers, secrets: [secret], scheme, now }).kind).toMatch(/^(missing|mismatch)$/);
    }),
  );
});
