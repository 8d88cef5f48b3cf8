import { chunk, goodBody, randomBytes, request } from '../attack.ts';
import type { HostileKind, Target } from '../attack.ts';

const greetings = [
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'SSH-2.0-OpenSSH_9.9\r\n',
  '\r\n\r\n\r\n',
  'GET\r\n\r\n',
  'EHLO bridge\r\n',
  '*1\r\n$4\r\nPING\r\n',
  'GET /webhooks/hostile\r\n',
  Buffer.from('160301020001000001fc0303', 'hex'),
] as const;

const wordsOf = (text: string) => text.split(' ') as [string, ...string[]];

const methods = [
  ...wordsOf(
    'GET HEAD PUT DELETE PATCH OPTIONS TRACE CONNECT PROPFIND M-SEARCH QUERY post POSTT constructor P\u0000ST',
  ),
  'A'.repeat(9_000),
] as const;

const paths = [
  ...wordsOf('/ * // /webhooks /webhooks/ /webhooks// /webhooks/hostile/ /webhooks/hostile/.. /webhooks/HOSTILE'),
  ...wordsOf('/webhooks/__proto__ /webhooks/constructor /webhooks/% /webhooks/%zz /webhooks/%00 /webhooks/%c0%af'),
  ...wordsOf('/webhooks/%2e%2e%2f%2e%2e%2fetc%2fpasswd /webhooks/../../etc/passwd /webhooks/hostile%2fmore'),
  ...wordsOf('http://elsewhere.example/webhooks/hostile webhooks/hostile /webhooks/hostile#a /webhooks/hostile?'),
  ...wordsOf('/metrics /livez /readyz /.env /webhooks/\u00ff\u00fe /webhooks/hostile?a=%zz'),
  `/webhooks/${'a'.repeat(8_000)}`,
  `/webhooks/${'a'.repeat(20_000)}`,
  `/webhooks/${'%41'.repeat(2_000)}`,
  `/webhooks/hostile?${'a=b&'.repeat(3_000)}`,
  `/webhooks/hostile?${'a[b]'.repeat(2_000)}=c`,
] as const;

const manyLines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index));

const headerFloods = [
  manyLines(1_000, (index) => `x-${index}: a`),
  manyLines(2_500, (index) => `x-${index}: a`),
  manyLines(10_000, () => 'a: b'),
  [`x-long: ${'a'.repeat(20_000)}`],
  [`${'a'.repeat(20_000)}: x`],
  ['x-folded: a', ' b', '\tc'],
  [': no name'],
  ['no colon'],
  ['na me: a'],
  ['x-control: a\u0000b\u0001'],
  ['host: other', 'host: third'],
  ['__proto__: a', 'constructor: b', 'toString: c'],
  ['traceparent: 00-0-0-0', `tracestate: ${'a=b,'.repeat(900)}`, `baggage: ${'a=b,'.repeat(900)}`],
  ['x-forwarded-for: a, , ::1, %0d', 'forwarded: for="\u00ff'],
  manyLines(200, (index) => `cookie: a${index}=${'b'.repeat(50)}`),
] as [string[], ...string[][]];

const signatureFloods = [
  manyLines(500, () => `x-hub-signature-256: sha256=${'0'.repeat(16)}`),
  [`x-hub-signature-256: ${'sha256=00,'.repeat(1_500)}`],
  [`x-hub-signature-256: sha256=${'f'.repeat(15_000)}`],
  ['x-hub-signature-256: '],
  ['x-hub-signature-256: sha256='],
  ['x-hub-signature-256: sha256=\u00e9\u00ff'],
  ['x-hub-signature-256: sha1=00, sha512=00', 'X-HUB-SIGNATURE-256: md5=1'],
  [`x-hub-signature-256: ${'='.repeat(5_000)}`],
] as [string[], ...string[][]];

const lengths = [
  '0',
  '1',
  '100000',
  '-1',
  '1e3',
  '0x10',
  ' ',
  '99999999999999999999',
  '5, 5',
  '5, 6',
  'NaN',
  '+5',
] as const;

const badChunks = [
  'zz\r\nabc\r\n0\r\n\r\n',
  'fffffffffffffffff\r\na',
  '-1\r\na\r\n0\r\n\r\n',
  '5\r\nabc\r\n0\r\n\r\n',
  '1\r\nabc\r\n0\r\n\r\n',
  '3\nabc\n0\n\n',
  `3;${'x'.repeat(20_000)}\r\nabc\r\n0\r\n\r\n`,
  `3\r\nabc\r\n0\r\n${'trailer: a\r\n'.repeat(2_000)}\r\n`,
  '0\r\n\r\n',
  `${'1\r\na\r\n'.repeat(20_000)}0\r\n\r\n`,
  `${'1;e\r\na\r\n'.repeat(20_000)}0\r\n\r\n`,
] as const;

const versions = [
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/3.7',
  'HTTP/1.',
  'HTTPS/1.1',
  'ICY',
  'http/1.1',
  '',
] as const;

const withLines = (lineLists: [string[], ...string[][]]) => (target: Target) => ({
  writes: [request(target, { lines: target.random.pick(lineLists), body: goodBody('flood') })],
});

const withHeaders = (target: Target, headers: Record<string, string>, more: { version?: string } = {}) => {
  const body = goodBody('odd');
  return { writes: [request(target, { ...more, body, headers: { ...target.signed(body), ...headers } })] };
};

export const heads: HostileKind[] = [
  {
    name: 'no HTTP at all',
    weight: 10,
    attack: ({ random }) => ({
      writes: [
        random.integer(0, 1) === 0
          ? random.pick<string | Buffer>(greetings)
          : randomBytes(random, random.integer(1, 20_000)),
      ],
      after: 'end',
    }),
  },
  {
    name: 'odd methods',
    weight: 10,
    attack: (target) => {
      const body = goodBody('odd');
      const method = target.random.pick(methods);
      return { writes: [request(target, { method, headers: target.signed(body), body })], after: 'end' };
    },
  },
  {
    name: 'odd paths',
    weight: 10,
    attack: (target) => {
      const body = goodBody('odd');
      const method = target.random.pick(['GET', 'POST', 'HEAD'] as const);
      return {
        writes: [request(target, { method, path: target.random.pick(paths), headers: target.signed(body), body })],
      };
    },
  },
  { name: 'header floods', weight: 10, attack: withLines(headerFloods) },
  { name: 'signature header floods', weight: 10, attack: withLines(signatureFloods) },
  {
    name: 'wrong content-length',
    weight: 10,
    attack: (target) => ({ ...withHeaders(target, { 'content-length': target.random.pick(lengths) }), after: 'end' }),
  },
  {
    name: 'content-length and chunks at once',
    weight: 10,
    attack: (target) => {
      const body = Buffer.concat([
        chunk(goodBody('a')),
        Buffer.from('0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n'),
      ]);
      const encoding = target.random.pick([
        'chunked',
        'chunked, identity',
        'xchunked',
        ' chunked',
        'gzip, chunked',
      ] as const);
      const length = target.random.pick(['4', '100', String(body.length)] as const);
      const headers = {
        'transfer-encoding': encoding,
        ...(target.random.integer(0, 1) === 0 && { 'content-length': length }),
      };
      return { writes: [request(target, { headers, body })], after: 'end' };
    },
  },
  {
    name: 'bad chunks',
    weight: 10,
    attack: (target) => {
      const headers = { 'transfer-encoding': 'chunked', ...target.signed('abc') };
      return { writes: [request(target, { headers, body: target.random.pick(badChunks) })], after: 'end' };
    },
  },
  {
    name: 'other versions of HTTP',
    weight: 10,
    attack: (target) => ({
      ...withHeaders(target, { connection: 'keep-alive' }, { version: target.random.pick(versions) }),
      after: 'end',
    }),
  },
  {
    name: 'Expect',
    weight: 10,
    attack: (target) =>
      withHeaders(target, {
        expect: target.random.pick(['100-continue', '200-ok', '100-continue, 100-continue'] as const),
      }),
  },
  {
    name: 'Upgrade',
    weight: 10,
    attack: (target) =>
      withHeaders(target, {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: target.random.pick(['websocket', 'h2c', 'TLS/1.0', '\u00ff'] as const),
        'http2-settings': 'AAMAAABkAAQAAP__',
      }),
  },
];
