import type { Options } from '../options.ts';
import type { Benchmark } from '../runs/benchmark.ts';
import { measureIdle } from '../runs/measure-idle.ts';
import { baseline } from '../world/baseline.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { bridgeApp } from '../world/bridge-app.ts';
import { chosen, measuredBy } from './contestants.ts';

const apps = ['ingress', 'router', 'outbound'] as const;
/** The router has made a producer for each of its twelve partitions by then. */
const settleSeconds = 10;

/** What each app costs while it has nothing to do. */
export const idle = (world: BenchWorld, options: Options): Benchmark => ({
  contestants: measuredBy(
    [...chosen(options.only, apps).map((app) => bridgeApp(app, app)), ...options.baselines.map(baseline)],
    (contestant) => measureIdle(world, contestant, { seconds: options.seconds ?? 30, settleSeconds }),
  ),
  settings: [''],
  columns: ['cores', 'residentMiB', 'peakMiB', 'otherCores', 'stolenCores', 'idleCores'],
  compares: false,
});
