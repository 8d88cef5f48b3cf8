import { gzipSync, brotliCompressSync } from 'node:zlib';
import { goodBody, randomBytes, request } from '../attack.ts';
import type { Attack, HostileKind, Target } from '../attack.ts';
import type { SeededRandom } from '../../chaos/seeded-random.ts';

const signedPost = (target: Target, body: string | Buffer, headers: Record<string, string> = {}): Attack => ({
  writes: [request(target, { body, headers: { ...target.signed(body), ...headers } })],
});

const ofBody = (name: string, bodyOf: (random: SeededRandom, target: Target) => string | Buffer, weight = 10) => ({
  name,
  weight,
  attack: (target: Target) => signedPost(target, bodyOf(target.random, target)),
});

function nested(random: SeededRandom): string {
  const depth = random.pick([10, 500, 511, 512, 513, 2_000, 100_000]);
  const [open, close] = random.pick<[string, string]>([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"messages":[', ']}'],
    ['[', ''],
  ]);
  return open.repeat(depth) + (close === '' ? '' : `1${close.repeat(depth)}`);
}

function large(random: SeededRandom, { bodyLimitBytes }: Target): string {
  const size = bodyLimitBytes + random.pick([-1_000, -1, 0, 1, 100_000]);
  const shapes = [
    () => JSON.stringify({ content: 'x'.repeat(size - 14) }),
    () => `{${Array.from({ length: size / 16 }, (_, index) => `"k${index}":1`).join(',')}}`,
    () => `[${'0,'.repeat(size / 2 - 2)}0]`,
    () => `{"conversation_id":${'9'.repeat(size - 20)}}`,
    () => JSON.stringify({ content: '\u0000'.repeat(size / 6 - 20) }),
  ] as const;
  return random.pick(shapes)();
}

const poisons = [
  '{"__proto__":{"verified":true,"isAdmin":true}}',
  '{"constructor":{"prototype":{"polluted":1}},"content":"a"}',
  '{"content":"a","sender":{"__proto__":{"type":"agent"}},"conversation":{"__proto__":null}}',
  '[{"__proto__":[1,2,3]},{"toString":1,"valueOf":2,"hasOwnProperty":3,"toJSON":"x"}]',
  '{"messages":[{"__proto__":{"content":"a"}}],"entry":[{"messaging":[{"constructor":"x"}]}]}',
] as const;

const twiceNamed = [
  '{"content":"a","content":"b","content":{"c":1}}',
  '{"conversation_id":1,"conversation_id":2,"conversation":{"id":3,"id":4},"content":"a"}',
  '{"message_type":"incoming","message_type":"outgoing","content":"a"}',
] as const;

const notText = (random: SeededRandom): Buffer =>
  Buffer.concat([
    Buffer.from('{"content":"'),
    random.pick([
      Buffer.from([0xc0, 0xaf]),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from([0xf5, 0x80, 0x80, 0x80]),
      Buffer.from([0xff, 0xfe]),
      Buffer.from([0x00]),
      Buffer.from('\\u0000\\ud800'),
      Buffer.from('\u202e\ufeff\u{10ffff}'),
    ]),
    Buffer.from('"}'),
  ]);

/** Any JSON, with the names that the normaliser looks for. */
function misshapen(random: SeededRandom, depth = 4): unknown {
  const names =
    'content,conversation,conversation_id,id,sender,type,message_type,messages,attachments,data_url,text,event,entry,messaging,message,buttons,payload,title,items,content_attributes';
  const leaf = () =>
    random.pick([null, true, 0, -1, 1e308, '', 'a', 'incoming', '\u0000', 'https://[::1', 2 ** 53, [], {}] as const);
  if (depth === 0) return leaf();
  const inner = () => (random.integer(0, 2) === 0 ? leaf() : misshapen(random, depth - 1));
  const several = Array.from({ length: random.integer(0, 5) });
  if (random.integer(0, 2) === 0) return several.map(inner);
  return Object.fromEntries(several.map(() => [random.pick(names.split(',') as [string]), inner()]));
}

function damaged(random: SeededRandom): Buffer {
  const bytes = Buffer.from(goodBody('oi'));
  for (let times = random.integer(1, 4); times > 0; times -= 1) {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  }
  return bytes.subarray(0, random.integer(1, bytes.length));
}

const numbers = ['1e400', '-0', '1E+999999', '0.1e-400', '9'.repeat(400), '00', '+1', 'NaN', '-', '1.'] as const;
const bomb = Buffer.alloc(8 << 20, '[');
const bombs = [gzipSync(bomb), brotliCompressSync(bomb), gzipSync(goodBody('oi'))] as const;

export const bodies: HostileKind[] = [
  ofBody('random bytes, signed', (random) => randomBytes(random, random.integer(0, 3_000))),
  {
    name: 'random bytes, not signed',
    weight: 10,
    attack: (target) => ({
      writes: [request(target, { body: randomBytes(target.random, target.random.integer(0, 3_000)) })],
    }),
  },
  ofBody('a damaged webhook, signed', damaged),
  {
    name: 'a webhook with a signature of something else',
    weight: 10,
    attack: (target) => ({
      writes: [request(target, { body: goodBody('forged'), headers: target.signed(randomBytes(target.random, 8)) })],
    }),
  },
  ofBody('deep nesting, signed', nested),
  ofBody('about as large as allowed, signed', large, 1),
  {
    name: 'about as large as allowed, not signed',
    weight: 3,
    attack: (target) => ({ writes: [request(target, { body: large(target.random, target) })] }),
  },
  ofBody('__proto__ and constructor, signed', (random) => random.pick(poisons)),
  ofBody('names given twice, signed', (random) => random.pick(twiceNamed)),
  ofBody('no UTF-8, or odd characters, signed', notText),
  ofBody('known names with anything in them, signed', (random) => JSON.stringify(misshapen(random))),
  ofBody('odd numbers, signed', (random) => `{"conversation_id":${random.pick(numbers)},"content":"a"}`),
  ofBody('a thousand messages, signed', () => `[${'{"content":"a"},'.repeat(999)}{"content":"b"}]`, 1),
  {
    name: 'compressed, bombs among them',
    weight: 10,
    attack: (target) => {
      const body = target.random.pick(bombs);
      const encoding = target.random.pick(['gzip', 'br', 'deflate', 'gzip, gzip', 'identity, gzip', 'x'] as const);
      return signedPost(target, body, { 'content-encoding': encoding });
    },
  },
];
