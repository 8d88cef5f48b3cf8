import { createHash, createHmac } from 'node:crypto';
import { defaultScheme, sign, verify } from '@bridge/signature';
import type { SignatureScheme } from '@bridge/signature';
import { describe, expect, it } from 'vitest';
import { captureOf } from '../captures/capture.fixture.ts';
import { describeFinding, whyNotConfigurable } from './describe-finding.ts';
import { findSignature } from './find-signature.ts';
import { sampleOf } from './sample.ts';

const key = 'k3y-so-nossa-de-verdade';
const keys = [
  { name: 'an old one', value: 'another-verification-key' },
  { name: 'the right one', value: key },
];
const text = String.raw`{"content":"Ol\u00e1 \/ ☕","id":9007199254740993}`;
const body = Buffer.from(text);
const now = new Date('2026-11-23T12:00:00.000Z');
const nowSeconds = String(now.getTime() / 1000);

/** What is in every request besides, some of it much like a signature. */
const noise: [string, string][] = [
  ['Host', 'bridge.example'],
  ['Content-Type', 'application/json'],
  ['X-Request-Id', 'f'.repeat(64)],
  ['X-Amz-Date', '1795435201'],
  ['Digest', `SHA-512=${Buffer.alloc(64, 7).toString('base64')}`],
];

const search = (headers: [string, string][], content = body) =>
  findSignature(sampleOf(captureOf({ headers: [...noise, ...headers], body: content })), keys);

const schemes: SignatureScheme[] = (['sha256', 'sha1', 'sha512'] as const).flatMap((algorithm) =>
  (['hex', 'base64'] as const).flatMap((encoding) =>
    ['', `${algorithm}=`, 'v1=', 'v0:', 'HMAC ', 'HMAC sig:', 'sha256-'].flatMap((prefix) =>
      (['body', 'timestamp.body'] as const).map((signedContent) => ({
        ...defaultScheme,
        headers: ['x-nico-proof'],
        algorithm,
        encoding,
        prefix,
        signedContent,
        timestampHeader: 'x-nico-when',
      })),
    ),
  ),
);

describe('a scheme that bridge.yaml can say', () => {
  it.each(schemes.map((scheme) => [Object.values(scheme).join(' '), scheme] as const))(
    '%s is found',
    (_name, scheme) => {
      const headers = Object.entries(sign({ body, secret: key, scheme, now }));
      const { findings } = search(headers.map(([name, value]) => [name.toUpperCase(), value]));
      const [found] = findings;
      expect(found?.key.name).toBe('the right one');
      const { algorithm, encoding, signedContent } = scheme;
      expect(found?.scheme).toMatchObject({ headers: ['x-nico-proof'], algorithm, encoding, signedContent });
      // What was found verifies other requests too, and not those of somebody else.
      const other = Buffer.from('{"content":"tchau"}');
      for (const [secret, kind] of [
        [key, 'verified'],
        ['not-the-key', 'mismatch'],
      ] as const) {
        const signed = sign({ body: other, secret, scheme, now });
        expect(
          verify({ body: other, headers: signed, secrets: [key], scheme: found?.scheme ?? scheme, now }).kind,
        ).toBe(kind);
      }
    },
  );

  it('is found beside a twin of another method, the stronger one first', () => {
    const twin = (algorithm: 'sha1' | 'sha256', header: string): [string, string] => [
      header,
      createHmac(algorithm, key).update(body).digest('hex'),
    ];
    const { findings } = search([twin('sha1', 'x-one'), twin('sha256', 'x-two')]);
    expect(findings.map(({ scheme }) => scheme?.headers)).toEqual([['x-two'], ['x-one']]);
  });

  it('is found before one that it cannot say, though that be stronger', () => {
    const hex = createHmac('sha256', key).update(body).digest('hex');
    const { findings } = search([
      ['X-Strong', Buffer.from(hex).toString('base64')],
      ['X-Weak', createHmac('sha1', key).update(body).digest('hex')],
    ]);
    expect(findings.map(({ header, scheme }) => [header, scheme?.algorithm])).toEqual([
      ['x-weak', 'sha1'],
      ['x-strong', undefined],
    ]);
  });

  it.each([
    ['hex in capitals', createHmac('sha256', key).update(body).digest('hex').toUpperCase(), 'hex'],
    ['base64 of URLs', createHmac('sha512', key).update(body).digest('base64url'), 'base64'],
    ['base64 without padding', createHmac('sha512', key).update(body).digest('base64').replace(/=+$/, ''), 'base64'],
  ])('is found in %s', (_how, value, encoding) => {
    expect(search([['X-Sig', value]]).findings[0]?.scheme).toMatchObject({ encoding, headers: ['x-sig'] });
  });

  it('is found where the timestamp stands beside the signature', () => {
    const v1 = createHmac('sha256', key).update(`${nowSeconds}.`).update(body).digest('hex');
    const [found] = search([['X-Sig', `t=${nowSeconds},v1=${v1}`]]).findings;
    expect(found?.scheme).toMatchObject({
      signedContent: 'timestamp.body',
      timestampHeader: defaultScheme.timestampHeader,
    });
  });

  it('gets a longer tolerance where the clocks differ by minutes', () => {
    const late = String(now.getTime() / 1000 - 1_000);
    const proof = createHmac('sha256', key).update(`${late}.`).update(body).digest('hex');
    expect(
      search([
        ['X-Sig', proof],
        ['X-Time', late],
      ]).findings[0]?.scheme?.toleranceSeconds,
    ).toBe(1_300);
  });
});

const hmac = (content: string | Buffer, secret: string | Buffer = key) => createHmac('sha256', secret).update(content);
const hexKey = Buffer.from(key).toString('hex');

describe('what bridge.yaml has no words for is told:', () => {
  it.each<[string, [string, string][], string]>([
    ['another method', [['X-Sig', createHmac('md5', key).update(body).digest('hex')]], 'the method (HMAC MD5)'],
    [
      'a plain digest with the key',
      [['X-Sig', createHash('sha256').update(body).update(key).digest('hex')]],
      'the method (SHA-256 of content and key)',
    ],
    [
      'base64 of hex',
      [['X-Sig', Buffer.from(hmac(body).digest('hex')).toString('base64')]],
      'base64 of the hex digits',
    ],
    [
      "Slack's way",
      [
        ['X-Time', nowSeconds],
        ['X-Sig', `v0=${hmac(`v0:${nowSeconds}:${text}`).digest('hex')}`],
      ],
      'what is signed ("v0:", the timestamp, a colon and the body (timestamp: x-time))',
    ],
    [
      "Standard Webhooks' way",
      [
        ['Webhook-Id', 'msg_1'],
        ['Webhook-Timestamp', nowSeconds],
        ['Webhook-Signature', `v1,${hmac(`msg_1.${nowSeconds}.${text}`).digest('base64')}`],
      ],
      'what is signed (the id of webhook-id, a dot, the timestamp, a dot and the body (timestamp: webhook-timestamp))',
    ],
    [
      'the address and the body',
      [['X-Sig', hmac(`https://bridge.example/webhooks/acme${text}`).digest('hex')]],
      'what is signed (its address (https://bridge.example/webhooks/acme) and the body)',
    ],
    [
      'milliseconds',
      [
        ['X-Time', `${nowSeconds}000`],
        ['X-Sig', hmac(`${nowSeconds}000.${text}`).digest('hex')],
      ],
      'the time, or what stands around the signature',
    ],
    [
      'the body before PHP escaped it',
      [['X-Sig', hmac('{"content":"Olá / ☕","id":9007199254740993}').digest('hex')]],
      'what is signed (the body, written again as JavaScript writes it)',
    ],
  ])('%s', (_case, headers, reason) => {
    const [found] = search(headers).findings;
    expect(found?.scheme).toBeUndefined();
    expect(found && whyNotConfigurable(found)).toBe(reason);
  });

  it('a key that is read as hex', () => {
    const sample = sampleOf(captureOf({ body, headers: [['X-Sig', hmac(body).digest('hex')]] }));
    const [found] = findSignature(sample, [{ name: 'k', value: hexKey }]).findings;
    expect(found && whyNotConfigurable(found)).toBe('the key, which is read as hex');
  });

  it('a checksum, which proves nothing', () => {
    const [found] = search([['X-Sum', createHash('sha256').update(body).digest('hex')]]).findings;
    expect(found && describeFinding(found).at(-1)).toContain('it proves nothing');
  });
});

it('nothing is found of a request that is signed by another key, or changed by one byte', () => {
  const signed = (secret: string): [string, string][] => [['X-Sig', hmac(body, secret).digest('hex')]];
  expect(search(signed(key)).findings).toHaveLength(1);
  expect(search(signed('a-key-of-nobody')).findings).toEqual([]);
  expect(search(signed(key), Buffer.from(`${text} `)).findings.filter(({ scheme }) => scheme)).toEqual([]);
  expect(search([]).tried).toBeGreaterThan(100);
});
