import { seededRandom } from './seeded-random.ts';
import type { SeededRandom } from './seeded-random.ts';

export const members = ['ingress-1', 'router-1', 'router-2', 'outbound-1', 'outbound-2'] as const;
export const guests = ['router-3', 'outbound-3'] as const;
export type MemberName = (typeof members)[number] | (typeof guests)[number];

export type AppFault = 'kill' | 'term' | 'stop' | 'join';
export type NetworkFault = 'cut' | 'delay' | 'stall';
export type BotFault = 'bot-status' | 'bot-throttle' | 'bot-reset' | 'bot-hang';

/** One thing that will go wrong, or that operators do all day. Times are in milliseconds. */
export type PlannedFault = { atMs: number } & (
  | { name: AppFault; member: MemberName; lastsMs: number }
  | { name: 'broker-restart' | 'broker-kill' | 'broker-away' | 'broker-pause'; lastsMs: number }
  | { name: `kafka-${NetworkFault}` | `bot-${NetworkFault}`; lastsMs: number; delayMs: number }
  | { name: BotFault; connection: number; times: number; accepts: boolean; retryAfter: number }
);
export type FaultName = PlannedFault['name'];

type Without<T, Key extends string> = T extends unknown ? Omit<T, Key> : never;
type Draw = (random: SeededRandom, limits: { longestStopMs: number; connections: number }) => Drawn;
type Drawn = Without<PlannedFault, 'atMs'>;

const network =
  (name: `kafka-${NetworkFault}` | `bot-${NetworkFault}`, shortest: number, longest: number): Draw =>
  (random) => ({ name, lastsMs: random.integer(shortest, longest), delayMs: random.integer(50, 300) });

const bot =
  (name: BotFault, mostTimes: number): Draw =>
  (random, { connections }) => ({
    name,
    connection: random.integer(0, connections - 1),
    times: random.integer(1, mostTimes),
    accepts: random.integer(0, 1) === 1,
    retryAfter: random.integer(1, 4),
  });

/** How long a broker is away that is away for long, and how long at most until it is back in full. */
const awayMs = 60_000;
const comingBackMs = 30_000;

const draws: Record<FaultName, Draw> = {
  kill: (random) => ({ name: 'kill', member: random.pick(members), lastsMs: random.integer(0, 3_000) }),
  term: (random) => ({ name: 'term', member: random.pick(members), lastsMs: random.integer(0, 1_000) }),
  stop: (random, { longestStopMs }) => {
    const stoppable = ['router-1', 'router-2', 'outbound-1', 'outbound-2'] as const;
    return { name: 'stop', member: random.pick(stoppable), lastsMs: random.integer(3_000, longestStopMs) };
  },
  join: (random) => ({ name: 'join', member: random.pick(guests), lastsMs: random.integer(5_000, 20_000) }),
  'broker-restart': (random) => ({ name: 'broker-restart', lastsMs: random.integer(0, 3_000) }),
  'broker-kill': (random) => ({ name: 'broker-kill', lastsMs: random.integer(0, 3_000) }),
  'broker-away': () => ({ name: 'broker-away', lastsMs: awayMs }),
  'broker-pause': (random) => ({ name: 'broker-pause', lastsMs: random.integer(2_000, 8_000) }),
  'kafka-cut': network('kafka-cut', 500, 5_000),
  'kafka-delay': network('kafka-delay', 3_000, 10_000),
  'kafka-stall': network('kafka-stall', 2_000, 8_000),
  'bot-cut': network('bot-cut', 500, 5_000),
  'bot-delay': network('bot-delay', 3_000, 10_000),
  'bot-stall': network('bot-stall', 2_000, 8_000),
  'bot-status': bot('bot-status', 5),
  'bot-throttle': bot('bot-throttle', 3),
  'bot-reset': bot('bot-reset', 3),
  'bot-hang': bot('bot-hang', 2),
};

export const faultNames = Object.keys(draws) as [FaultName, ...FaultName[]];
/** What happens unless single faults are asked for: a broker that is away for a minute leaves time for little else. */
export const usualFaults: FaultName[] = faultNames.filter((name) => name !== 'broker-away');
/** What happens in production most. */
const frequent: FaultName[] = ['kill', 'term', 'stop'];

/**
 * All that will happen, decided before anything does: the same seed plans the same. One fault every two to six seconds,
 * whether the one before is over or not. A broker that is away for long stays away for its whole time, and in the middle
 * of it ingress is killed.
 */
export function planFaults(options: {
  seed: number;
  durationMs: number;
  only: readonly FaultName[];
  connections: number;
  longestStopMs: number;
}): PlannedFault[] {
  const { seed, durationMs, only, connections, longestStopMs } = options;
  const random = seededRandom(seed);
  const names = only.flatMap((name) => (frequent.includes(name) ? [name, name, name] : [name]));
  const plan: PlannedFault[] = [];
  let brokerIsBackAt = 0;
  for (let atMs = random.integer(2_000, 6_000); atMs < durationMs; atMs += random.integer(2_000, 6_000)) {
    const name = random.pick(names as [FaultName, ...FaultName[]]);
    const fault = { atMs, ...draws[name](random, { longestStopMs, connections }) };
    if (fault.name === 'broker-away') {
      if (atMs < brokerIsBackAt || atMs + awayMs > durationMs) continue;
      brokerIsBackAt = atMs + awayMs + comingBackMs;
      plan.push({ atMs: atMs + awayMs / 2, name: 'kill', member: 'ingress-1', lastsMs: 1_000 });
    }
    plan.push(fault);
  }
  return plan.toSorted((one, other) => one.atMs - other.atMs);
}
