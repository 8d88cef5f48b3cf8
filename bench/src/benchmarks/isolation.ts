import { ratios, valid } from '../report/ratios.ts';
import type { Options } from '../options.ts';
import type { Benchmark } from '../runs/benchmark.ts';
import { measureOutbound, prepareOutbound } from '../runs/measure-outbound.ts';
import { costMetrics } from '../runs/run.ts';
import type { Measured, Run } from '../runs/run.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { bridgeApp } from '../world/bridge-app.ts';
import type { Contestant } from '../world/contestant.ts';
import { contestants, measuredBy } from './contestants.ts';

const connections = 20;
const latencyMs = 5;
const slowMs = 5_000;
const theSlowOne = 'company-1';
const healthy = 'all healthy, the other 19';
const oneSlow = `one of ${connections} at ${slowMs / 1_000} s, the other 19`;

/** What 19 connections of 20 get done, while the last one is as quick as they are, and while it is not. */
export function isolation(world: BenchWorld, options: Options): Benchmark {
  const load = {
    backlog: options.backlog,
    // So few that their order is the limit, and not the processor: else the slow one would leave its share to the others.
    conversations: options.conversations ?? 2 * connections,
    connections,
    instances: 1,
    latencyMs,
    seconds: options.seconds ?? 15,
    warmUpSeconds: options.warmUpSeconds,
  };

  async function measure(contestant: Contestant, setting: string): Promise<Measured> {
    const slow = { connection: theSlowOne, latencyMs: setting === oneSlow ? slowMs : latencyMs };
    await prepareOutbound(world, load);
    const { seconds, ...measured } = await measureOutbound(world, contestant, { ...load, slow });
    const perSecond = (measured.counts['toTheOthers'] ?? 0) / seconds;
    return { ...measured, metrics: { ...measured.metrics, perSecond } };
  }

  return {
    contestants: measuredBy(contestants(options, bridgeApp('outbound')), measure),
    settings: [healthy, oneSlow],
    columns: ['perSecond', 'mostInFlight', ...costMetrics],
    summary: keptLines,
  };
}

/** For each contestant what the others kept of their rate, within a repetition. */
function keptLines(runs: Run[]): string[] {
  const names = [...new Set(runs.map(({ contestant }) => contestant))];
  return names.map((name) => {
    const under = (setting: string) => valid(runs.filter((run) => run.contestant === name && run.setting === setting));
    const { perSecond } = ratios(under(oneSlow), under(healthy), ['perSecond']);
    return `${name}: beside the slow one the other 19 keep ${perSecond?.toFixed(3) ?? '–'} of their healthy rate`;
  });
}
