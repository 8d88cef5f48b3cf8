import type { Options } from '../options.ts';
import type { Benchmark } from '../runs/benchmark.ts';
import { measureRouter, prepareRouter } from '../runs/measure-router.ts';
import { costMetrics } from '../runs/run.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { bridgeApp } from '../world/bridge-app.ts';
import { builtIn, contestants, measuredBy } from './contestants.ts';

export function router(world: BenchWorld, options: Options): Benchmark {
  const load = { backlog: options.backlog, conversations: options.conversations ?? 100, instances: 1 };
  return {
    contestants: measuredBy(
      contestants(options, bridgeApp('router'), builtIn('kafkajs-at-least-once', 'at-least-once')),
      (contestant) => measureRouter(world, contestant, load),
    ),
    settings: [''],
    columns: ['perSecond', ...costMetrics],
    prepare: () => prepareRouter(world, load),
  };
}
