import type { Options } from '../options.ts';
import type { Benchmark } from '../runs/benchmark.ts';
import { measureOutbound, prepareOutbound } from '../runs/measure-outbound.ts';
import { costMetrics } from '../runs/run.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { bridgeApp } from '../world/bridge-app.ts';
import { builtIn, contestants, measuredBy } from './contestants.ts';

export function outbound(world: BenchWorld, options: Options): Benchmark {
  const load = {
    backlog: options.backlog,
    conversations: options.conversations ?? 100,
    connections: 1,
    instances: 1,
    seconds: options.seconds ?? 15,
    warmUpSeconds: options.warmUpSeconds,
  };
  const latencies = new Map(options.latenciesMs.map((latencyMs) => [`sink ${latencyMs} ms`, latencyMs]));
  return {
    contestants: measuredBy(
      contestants(options, bridgeApp('outbound'), builtIn('limit', 'at-least-once')),
      async (contestant, setting) => {
        await prepareOutbound(world, load);
        return measureOutbound(world, contestant, { ...load, latencyMs: latencies.get(setting) ?? 0 });
      },
    ),
    settings: [...latencies.keys()],
    columns: ['perSecond', 'ofLimit', 'mostInFlight', ...costMetrics],
  };
}
