import type { WorldAccount } from './account-for-world.ts';
import { isGood, spreadOf } from './timings.ts';
import type { Spread } from './timings.ts';
import type { Sample } from './watch-outbound.ts';

/** From when to when, in milliseconds since 1970. */
export type Period = { from: number; to: number };

export type WorldRun = { account: WorldAccount; samples: Sample[] };

/** Two worlds side by side. In the faulty one a connection was bad for a while, and then healed. */
export type TwinRun = { faulty: WorldRun; healthy: WorldRun; bad: Period; after: Period };

/** How a world's good connections fared: the commands sent in a period, and the results stored in it. */
export type Fare = Spread & { results: number };

const mostP99Ratio = 1.5;
const leastResultsRatio = 0.95;
/** What the faulty world's outbound may take more, besides for the commands that wait in it. */
const mostMoreMiB = 64;
/** Such a command takes about 7 KiB; what is garbage and not collected yet comes on top. */
const mostMiBEach = 20 / 1_024;

export function fareOfGood({ account }: WorldRun, { from, to }: Period): Fare {
  const within = (at: number) => at >= from && at < to;
  const good = account.timings.filter(isGood);
  const results = good.filter(({ settledAt }) => within(settledAt)).length;
  return { ...spreadOf(good.filter(({ sentAt }) => within(sentAt))), results };
}

/** The most that one of the samples has. */
export const most = (samples: Sample[], field: keyof Sample) => Math.max(0, ...samples.map((sample) => sample[field]));

/** Every promise that was not kept, in words. */
export function judgeIsolation({ faulty, healthy, bad }: TwinRun): string[] {
  const fares = { faulty: fareOfGood(faulty, bad), healthy: fareOfGood(healthy, bad) };
  const p99Ratio = fares.faulty.p99 / fares.healthy.p99;
  const resultsRatio = fares.faulty.results / fares.healthy.results;
  const moreMiB = most(faulty.samples, 'residentMiB') - most(healthy.samples, 'residentMiB');
  const waiting = most(faulty.samples, 'unfinished');
  const judged = [
    { kept: p99Ratio <= mostP99Ratio, said: `p99 of the good ones was ${p99Ratio.toFixed(2)} × the healthy world's` },
    {
      kept: resultsRatio >= leastResultsRatio,
      said: `the good ones had ${resultsRatio.toFixed(3)} × the healthy world's results`,
    },
    {
      kept: moreMiB <= mostMoreMiB + waiting * mostMiBEach,
      said: `outbound took ${moreMiB.toFixed(0)} MiB more than in the healthy world, with ${waiting} commands waiting`,
    },
  ];
  return [
    ...violationsOf('faulty', faulty),
    ...violationsOf('healthy', healthy),
    ...judged.flatMap(({ kept, said }) => (kept ? [] : [said])),
  ];
}

const violationsOf = (world: string, { account }: WorldRun) =>
  account.violations.map(({ hop, fault, detail }) => `${world} world: ${hop}: ${fault}: ${detail}`);
