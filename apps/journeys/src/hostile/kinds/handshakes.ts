import { randomBytes, request } from '../attack.ts';
import type { HostileKind, Target } from '../attack.ts';

const challenges = [
  '',
  ' ',
  '<script>alert(1)</script>',
  'a\r\nset-cookie: b=c',
  '\u0000',
  'é\u{1f680}',
  '%0d%0a',
  ...[512, 513, 30_000].map((length) => 'x'.repeat(length)),
] as [string, ...string[]];

const fieldsOf = ({ random, key }: Target): [string, string][] => {
  const dot = random.pick(['_', '.', '[', '-'] as const);
  const token = random.pick([key, 'wrong', '', key.slice(1), `${key}\u0000`, 'x'.repeat(5_000)] as const);
  return [
    [`hub${dot}mode`, random.pick(['subscribe', 'unsubscribe', ''] as const)],
    [`hub${dot}verify_token`, token],
    [`hub${dot}challenge`, random.pick(challenges)],
    ...(random.integer(0, 4) === 0 ? ([['hub_mode', 'subscribe']] as [string, string][]) : []),
  ];
};

export const handshakes: HostileKind[] = [
  {
    name: 'handshakes by query',
    weight: 10,
    attack: (target) => {
      const query = new URLSearchParams(fieldsOf(target)).toString();
      const method = target.random.pick(['GET', 'POST'] as const);
      return { writes: [request(target, { method, path: `${target.path}?${query}` })] };
    },
  },
  {
    name: 'handshakes by form',
    weight: 10,
    attack: (target) => ({
      writes: [
        request(target, {
          body: new URLSearchParams(fieldsOf(target)).toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        }),
      ],
    }),
  },
  {
    name: 'handshakes by JSON',
    weight: 10,
    attack: (target) => {
      const fields = fieldsOf(target).map(([name, value]) => [
        name,
        target.random.pick<unknown>([value, [value], { value }]),
      ]);
      return { writes: [request(target, { body: JSON.stringify(Object.fromEntries(fields)) })] };
    },
  },
  {
    name: 'what only looks like a handshake',
    weight: 10,
    attack: (target) => {
      const { random } = target;
      const noise = random.pick([
        randomBytes(random, 100),
        Buffer.from('&hub_mode'.repeat(5_000)),
        Buffer.from('%'.repeat(9_000)),
      ]);
      return {
        writes: [request(target, { body: Buffer.concat([Buffer.from('hub_mode=subscribe&hub_challenge='), noise]) })],
      };
    },
  },
];
