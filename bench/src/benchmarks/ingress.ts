import type { Options } from '../options.ts';
import type { Benchmark } from '../runs/benchmark.ts';
import { measureIngress } from '../runs/measure-ingress.ts';
import { costMetrics } from '../runs/run.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { bridgeApp } from '../world/bridge-app.ts';
import { builtIn, contestants, measuredBy } from './contestants.ts';

export const ingress = (world: BenchWorld, options: Options): Benchmark => ({
  contestants: measuredBy(
    contestants(options, bridgeApp('ingress'), builtIn('express-without-kafka', 'nothing')),
    (contestant) =>
      measureIngress(world, contestant, {
        seconds: options.seconds ?? 15,
        warmUpSeconds: options.warmUpSeconds,
        sockets: options.sockets,
        connections: 1,
        instances: 1,
      }),
  ),
  settings: [''],
  columns: ['perSecond', 'p50Ms', 'p99Ms', ...costMetrics],
});
