import type { BenchmarkName, Options } from '../options.ts';
import type { Benchmark } from '../runs/benchmark.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { endToEnd } from './end-to-end.ts';
import { idle } from './idle.ts';
import { ingress } from './ingress.ts';
import { isolation } from './isolation.ts';
import { outbound } from './outbound.ts';
import { router } from './router.ts';
import { scaling } from './scaling.ts';

/** All benchmarks, by name. */
export const benchmarks: Record<BenchmarkName, (world: BenchWorld, options: Options) => Benchmark> = {
  ingress,
  router,
  outbound,
  'end-to-end': endToEnd,
  isolation,
  idle,
  scaling,
};
