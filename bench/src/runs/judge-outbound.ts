import { readRange, topicRanges } from '@bridge/kafka';
import type { SinkReport } from '../sink/sink.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import type { Contestant } from '../world/contestant.ts';
import { checkResults } from './check-results.ts';
import { stretch } from './watch-progress.ts';
import type { OutboundLoad, Watched } from './measure-outbound.ts';
import { costs } from './run.ts';
import type { Measured } from './run.ts';

/** What a run of outbound was, by what was watched of it, what its sink saw, and the results that it left. */
export async function judgeOutbound(options: {
  world: BenchWorld;
  contestant: Contestant;
  load: OutboundLoad;
  sink: SinkReport;
  watched: Watched;
}): Promise<Measured> {
  const { world, contestant, load, sink, watched } = options;
  const { samples, warm, deliveredTo } = watched;
  const { count, consumption } = stretch(samples.slice(samples.indexOf(warm)), warm.count, Number.POSITIVE_INFINITY);
  const metrics = costs(consumption, count);
  const limit = load.latencyMs > 0 ? load.conversations / (load.latencyMs / 1_000) : undefined;
  const isOurs = contestant.promises === 'exactly';
  const repeats = repeatsOf(sink);
  return {
    metrics: {
      ...metrics,
      ...(limit !== undefined && { ofLimit: (metrics.perSecond ?? 0) / limit }),
      mostInFlight: sink.mostInFlight,
    },
    counts: { delivered: sink.delivered, duplicates: sink.duplicates, ...goodAndBad(deliveredTo, load) },
    faults: [
      ...(count === 0 ? ['nothing was delivered while it was measured'] : []),
      ...disorderOf(sink),
      ...(isOurs ? [...repeats, ...(await faultsOfResults(world, sink.delivered))] : []),
    ],
    notes: isOurs ? [] : repeats,
  };
}

const disorderOf = ({ gaps, unreadable, examples }: SinkReport): string[] => [
  ...(gaps > 0 ? [`${gaps} out of order: ${examples.join('; ')}`] : []),
  ...(unreadable > 0 ? [`${unreadable} calls are none of a bot`] : []),
];

const repeatsOf = ({ duplicates, overlaps }: SinkReport): string[] => [
  ...(duplicates > 0 ? [`${duplicates} were sent twice`] : []),
  ...(overlaps > 0 ? [`${overlaps} came while another of their conversation was under way`] : []),
];

async function faultsOfResults({ kafka: { client, names } }: BenchWorld, delivered: number): Promise<string[]> {
  const results = checkResults(delivered);
  const ranges = await topicRanges(client, names.sendResults);
  await readRange({ client, topic: names.sendResults, ranges, onRecord: results.take });
  return results.faults();
}

/** How many went, within the window, to the slow connection, and to the others. */
function goodAndBad(deliveredTo: Record<string, number>, { slow }: OutboundLoad): Record<string, number> {
  if (slow === undefined) return {};
  const bad = deliveredTo[slow.connection] ?? 0;
  return { toTheSlowOne: bad, toTheOthers: Object.values(deliveredTo).reduce((sum, one) => sum + one, 0) - bad };
}
