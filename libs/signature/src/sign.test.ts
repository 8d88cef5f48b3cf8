import { describe, expect, test } from 'vitest';
import { defaultScheme, sign } from './index.ts';

const body = Buffer.from('{"content":"oi"}');
const secret = 'k3y-so-nossa';

describe('sign', () => {
  test('puts the prefixed signature under the first header of the scheme', () => {
    expect(sign({ body, secret, scheme: defaultScheme })).toEqual({
      'x-hub-signature-256': 'sha256=208443bdc6ae2268ff62dfd3819cf8ba39931125ab082db5e6a15e1bd75874cf',
    });
  });

  test('adds the timestamp, in whole seconds, where one is signed', () => {
    const scheme = { ...defaultScheme, signedContent: 'timestamp.body' as const };
    const headers = sign({ body, secret, scheme, now: new Date('2026-11-23T12:00:00.999Z') });
    expect(headers['x-chatwoot-timestamp']).toBe('1795435200');
  });

  test('refuses an empty secret', () => {
    expect(() => sign({ body, secret: '', scheme: defaultScheme })).toThrow('empty secret');
  });

  test('refuses a scheme without a header', () => {
    expect(() => sign({ body, secret, scheme: { ...defaultScheme, headers: [] } })).toThrow('no header');
  });
});
