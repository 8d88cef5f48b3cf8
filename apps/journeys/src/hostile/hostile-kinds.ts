import { seededRandom } from '../chaos/seeded-random.ts';
import type { SeededRandom } from '../chaos/seeded-random.ts';
import type { HostileKind } from './attack.ts';
import { bodies } from './kinds/bodies.ts';
import { connections } from './kinds/connections.ts';
import { handshakes } from './kinds/handshakes.ts';
import { heads } from './kinds/heads.ts';

const hostileKinds: HostileKind[] = [...bodies, ...heads, ...connections, ...handshakes];

const lots = hostileKinds.flatMap((kind) => Array<HostileKind>(kind.weight).fill(kind)) as [
  HostileKind,
  ...HostileKind[],
];

/** The kind of the attack with this number, and the random choices of its own: the same for the same seed. */
export function drawAttack(seed: number, number: number): { kind: HostileKind; random: SeededRandom } {
  const random = seededRandom((seed * 1_000_003 + number) >>> 0);
  return { kind: random.pick(lots), random };
}
