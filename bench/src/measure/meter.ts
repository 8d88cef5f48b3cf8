import { machineUsage, membersOf, usageOf } from './process-usage.ts';
import type { MachineUsage, Usage } from './process-usage.ts';

/** What was used until a moment. */
export type Reading = {
  atMs: number;
  contestant: Usage | undefined;
  broker: Usage | undefined;
  /** The benchmark's own processes: load, sink, and whoever watches. */
  own: Usage | undefined;
  machine: MachineUsage | undefined;
};

/** What was used between two moments. What is not known is undefined. */
export type Consumption = {
  seconds: number;
  cpuSeconds: number | undefined;
  brokerCpuSeconds: number | undefined;
  /** Processors that did something else, were taken away by the host, or had nothing to do: whether to trust the rest. */
  otherCores: number | undefined;
  stolenCores: number | undefined;
  idleCores: number | undefined;
  residentMiB: number | undefined;
  peakMiB: number | undefined;
};

export type Meter = { read(): Reading };

/** Process groups are looked through once a second: what they start later counts, too. */
const lookAgainMs = 1_000;

export function createMeter(groups: { contestant: number[]; broker: number[]; own: number[] }): Meter {
  let members = { contestant: [] as number[], broker: [] as number[], own: [] as number[] };
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    read() {
      if (performance.now() - lookedAt > lookAgainMs) {
        members = {
          contestant: membersOf(groups.contestant),
          broker: membersOf(groups.broker),
          own: [process.pid, ...membersOf(groups.own)],
        };
        lookedAt = performance.now();
      }
      return {
        atMs: performance.now(),
        contestant: usageOf(members.contestant),
        broker: usageOf(members.broker),
        own: usageOf(members.own),
        machine: machineUsage(),
      };
    },
  };
}

export function consumptionBetween(from: Reading, to: Reading): Consumption {
  const seconds = (to.atMs - from.atMs) / 1_000;
  const cpu = (who: 'contestant' | 'broker' | 'own') => difference(to[who]?.cpuSeconds, from[who]?.cpuSeconds);
  const cores = (field: keyof MachineUsage) => {
    const spent = difference(to.machine?.[field], from.machine?.[field]);
    return spent === undefined ? undefined : spent / seconds;
  };
  const busyCores = cores('busySeconds');
  const knownCores = ((cpu('contestant') ?? 0) + (cpu('broker') ?? 0) + (cpu('own') ?? 0)) / seconds;
  return {
    seconds,
    cpuSeconds: cpu('contestant'),
    brokerCpuSeconds: cpu('broker'),
    otherCores: busyCores === undefined ? undefined : Math.max(0, busyCores - knownCores),
    stolenCores: cores('stolenSeconds'),
    idleCores: cores('idleSeconds'),
    residentMiB: to.contestant?.residentMiB,
    peakMiB: to.contestant?.peakMiB,
  };
}

const difference = (to: number | undefined, from: number | undefined) =>
  to === undefined || from === undefined ? undefined : to - from;
