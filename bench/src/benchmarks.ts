import { join } from 'node:path';
import type { BenchmarkName, Options } from './options.ts';
import type { Benchmark } from './runs/benchmark.ts';
import { measureIngress } from './runs/measure-ingress.ts';
import { measureOutbound, prepareOutbound } from './runs/measure-outbound.ts';
import { measureRouter, prepareRouter } from './runs/measure-router.ts';
import { baseline, commandContestant } from './world/baseline.ts';
import type { BenchWorld } from './world/bench-world.ts';
import { bridgeApp } from './world/bridge-app.ts';
import type { Contestant } from './world/contestant.ts';

/** All benchmarks, by name. */
export const benchmarks: Record<BenchmarkName, (world: BenchWorld, options: Options) => Benchmark> = {
  ingress: (world, options) => ({
    contestants: contestants(options, bridgeApp('ingress'), builtIn('express-without-kafka', 'nothing')),
    settings: [''],
    columns: ['perSecond', 'p50Ms', 'p99Ms', ...costColumns],
    measure: (contestant) => measureIngress(world, contestant, { ...options, connections: 1, instances: 1 }),
  }),
  router: (world, options) => ({
    contestants: contestants(options, bridgeApp('router'), builtIn('kafkajs-at-least-once', 'at-least-once')),
    settings: [''],
    columns: ['perSecond', ...costColumns],
    prepare: () => prepareRouter(world, { ...options, instances: 1 }),
    measure: (contestant) => measureRouter(world, contestant, { ...options, instances: 1 }),
  }),
  outbound: (world, options) => ({
    contestants: contestants(options, bridgeApp('outbound'), builtIn('limit', 'at-least-once')),
    settings: options.latenciesMs.map((latencyMs) => `sink ${latencyMs} ms`),
    columns: ['perSecond', 'ofLimit', 'mostInFlight', ...costColumns],
    prepare: () => prepareOutbound(world, { ...options, connections: 1 }),
    measure: (contestant, setting) =>
      measureOutbound(world, contestant, {
        ...options,
        connections: 1,
        instances: 1,
        latencyMs: Number.parseFloat(setting.slice('sink '.length)),
      }),
  }),
};

const costColumns = [
  'cpuPer1000',
  'brokerCpuPer1000',
  'peakMiB',
  'residentMiB',
  'otherCores',
  'stolenCores',
  'idleCores',
] as const;

const builtIn = (name: string, promises: Contestant['promises']) =>
  commandContestant({
    name,
    promises,
    command: [process.execPath, join(import.meta.dirname, 'baselines', `${name}.ts`)],
  });

/** The bridge first: what is compared is the first one with the others. */
function contestants({ baselines, only }: Options, bridge: Contestant, ...builtIns: Contestant[]): Contestant[] {
  const all = [...baselines.map(baseline), ...builtIns];
  const unknown = only.filter((name) => name !== bridge.name && !all.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`--only knows no ${unknown.join(', ')}`);
  return [bridge, ...all.filter(({ name }) => only.length === 0 || only.includes(name))];
}
