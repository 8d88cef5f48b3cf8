import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { medians, valid } from '../report/ratios.ts';
import { lineChart } from '../report/line-chart.ts';
import type { Line } from '../report/line-chart.ts';
import type { Options } from '../options.ts';
import type { Benchmark } from '../runs/benchmark.ts';
import { measureIngress } from '../runs/measure-ingress.ts';
import { measureOutbound, prepareOutbound } from '../runs/measure-outbound.ts';
import { measureRouter, prepareRouter } from '../runs/measure-router.ts';
import { costMetrics } from '../runs/run.ts';
import type { Measured, Metrics, Run } from '../runs/run.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { bridgeApp } from '../world/bridge-app.ts';
import { chosen } from './contestants.ts';

type App = 'ingress' | 'router' | 'outbound';

/** What grows, how far, and who is measured by it. */
const series = {
  instances: { values: [1, 2, 4], apps: ['ingress', 'router', 'outbound'] },
  connections: { values: [1, 10, 100, 1_000], apps: ['ingress', 'outbound'] },
  conversations: { values: [100, 1_000, 10_000, 100_000], apps: ['router', 'outbound'] },
  backlog: { values: [10_000, 50_000, 200_000], apps: ['router', 'outbound'] },
} as const satisfies Record<string, { values: number[]; apps: App[] }>;
type Series = keyof typeof series;
const allSeries = Object.keys(series) as Series[];

const settingOf = (name: Series, value: number) => `${name}: ${value}`;

/** The same work with more of one thing. */
export function scaling(world: BenchWorld, options: Options): Benchmark {
  const wanted = chosen(options.only, allSeries);
  const settings = wanted.flatMap((name) => series[name].values.map((value) => settingOf(name, value)));
  const apps = (['ingress', 'router', 'outbound'] as const).filter((app) =>
    wanted.some((name) => (series[name].apps as readonly App[]).includes(app)),
  );
  return {
    contestants: apps.map((app) => ({ name: app, measure: (setting) => measure(world, options, app, setting) })),
    settings,
    measures: (app, setting) => (series[seriesOf(setting)].apps as readonly string[]).includes(app),
    columns: ['perSecond', ...costMetrics],
    compares: false,
    summary: (runs) => (options.plotsFolder === undefined ? [] : writePlots(runs, wanted, options.plotsFolder)),
  };
}

const seriesOf = (setting: string) => setting.split(':')[0] as Series;
const valueOf = (setting: string) => Number(setting.split(': ')[1]);

async function measure(world: BenchWorld, options: Options, app: App, setting: string): Promise<Measured> {
  const grown = { [seriesOf(setting)]: valueOf(setting) };
  const load = {
    instances: 1,
    connections: 1,
    // Of as many connections as there may be, each has one.
    conversations: seriesOf(setting) === 'connections' ? 1_000 : (options.conversations ?? 100),
    backlog: options.backlog,
    sockets: options.sockets,
    seconds: options.seconds ?? 15,
    warmUpSeconds: options.warmUpSeconds,
    latencyMs: 0,
    ...grown,
  };
  const contestant = bridgeApp(app);
  if (app === 'ingress') return measureIngress(world, contestant, load);
  if (app === 'router') {
    await prepareRouter(world, load);
    return measureRouter(world, contestant, load);
  }
  await prepareOutbound(world, load);
  // As many calls at a time whatever grows, as far as each connection may have one: a thousand sockets cost more than a hundred.
  return measureOutbound(world, contestant, { ...load, concurrency: Math.ceil(100 / load.connections) });
}

const charts = [
  { metric: 'perSecond', file: 'throughput', title: 'Throughput', yTitle: 'records a second' },
  { metric: 'peakMiB', file: 'memory', title: 'Peak resident memory, all instances', yTitle: 'MiB' },
] as const satisfies { metric: keyof Metrics; file: string; title: string; yTitle: string }[];

/** Two charts a series: what it gets done, and in how much memory. */
function writePlots(runs: Run[], wanted: Series[], folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return wanted.flatMap((name) =>
    charts.map(({ metric, file, title, yTitle }) => {
      const path = join(folder, `${name}-${file}.svg`);
      const lines = series[name].apps.map((app) => lineOf(runs, { app, name, metric }));
      writeFileSync(path, lineChart({ title: `${title} by ${name}`, xTitle: name, yTitle, lines }));
      return `wrote ${path}`;
    }),
  );
}

function lineOf(runs: Run[], { app, name, metric }: { app: App; name: Series; metric: keyof Metrics }): Line {
  const points = series[name].values.flatMap((value): [number, number][] => {
    const of = runs.filter(({ contestant, setting }) => contestant === app && setting === settingOf(name, value));
    const median = medians(valid(of))[metric];
    return median === undefined ? [] : [[value, median]];
  });
  return { name: app, points };
}
