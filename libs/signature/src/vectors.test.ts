import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultScheme, sign, verify, type SignatureScheme } from './index.ts';

/** Written by vectors/make_vectors.py with Python's hmac. */
type Vector = {
  name: string;
  secret: string;
  body: { text: string } | { repeat: string; times: number };
  algorithm: SignatureScheme['algorithm'];
  encoding: 'hex' | 'base64' | 'base64url';
  timestamp?: number;
  signature: string;
};

const vectors: Vector[] = JSON.parse(readFileSync(new URL('../vectors/signatures.json', import.meta.url), 'utf8'));

function bytes(body: Vector['body']): Buffer {
  return Buffer.from('text' in body ? body.text : body.repeat.repeat(body.times));
}

function schemeOf({ algorithm, encoding, timestamp }: Vector): SignatureScheme {
  return {
    ...defaultScheme,
    headers: ['x-signature'],
    prefix: '',
    algorithm,
    encoding: encoding === 'hex' ? 'hex' : 'base64',
    signedContent: timestamp === undefined ? 'body' : 'timestamp.body',
    timestampHeader: 'x-timestamp',
  };
}

function headersOf({ signature, timestamp }: Vector): Record<string, string> {
  return { 'x-signature': signature, ...(timestamp !== undefined && { 'x-timestamp': String(timestamp) }) };
}

const nowOf = ({ timestamp = 0 }: Vector) => new Date(timestamp * 1000);

describe("what Python's hmac signs", () => {
  test('is, for the body {"content":"oi"} and the key k3y-so-nossa, the signature that openssl dgst -hmac gives too', () => {
    const known = vectors.filter(({ encoding, algorithm }) => encoding === 'hex' && algorithm === 'sha256')[0];
    expect(known).toMatchObject({ secret: 'k3y-so-nossa', body: { text: '{"content":"oi"}' } });
    expect(known?.signature).toBe('208443bdc6ae2268ff62dfd3819cf8ba39931125ab082db5e6a15e1bd75874cf');
  });

  test('includes a body of 1 MiB', () => {
    expect(Math.max(...vectors.map(({ body }) => bytes(body).length))).toBe(1024 * 1024);
  });

  test.each(vectors.map((vector) => [vector.name, vector] as const))('verifies: %s', (_name, vector) => {
    const outcome = verify({
      body: bytes(vector.body),
      headers: headersOf(vector),
      secrets: [vector.secret],
      scheme: schemeOf(vector),
      now: nowOf(vector),
    });
    expect(outcome).toEqual({ kind: 'verified', header: 'x-signature', secretIndex: 0 });
  });

  test.each(vectors.filter(({ encoding }) => encoding !== 'base64url').map((vector) => [vector.name, vector] as const))(
    'is what we sign: %s',
    (_name, vector) => {
      const { body, secret } = vector;
      const headers = sign({ body: bytes(body), secret, scheme: schemeOf(vector), now: nowOf(vector) });
      expect(headers).toEqual(headersOf(vector));
    },
  );
});
