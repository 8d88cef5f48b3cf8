import type { Options } from '../options.ts';
import type { Benchmark } from '../runs/benchmark.ts';
import { measureLatency } from '../runs/measure-latency.ts';
import type { LatencyChildren, Way } from '../runs/measure-latency.ts';
import { measureOutbound, prepareOutbound } from '../runs/measure-outbound.ts';
import { onBareWay, onCommandWay, onWebhookWay } from '../runs/ways.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { bridgeApp } from '../world/bridge-app.ts';
import { startChild } from '../world/child.ts';
import { countOffsets } from '../world/topics.ts';
import { chosen } from './contestants.ts';

const ways = {
  webhook: { title: 'webhook sent → channel message read', through: onWebhookWay },
  command: { title: 'command produced → bot called', through: onCommandWay },
} as const;
const shares = [0.1, 0.5, 0.9];
const conversations = 100;
/** A transaction takes a broker several times as long until it has done some thousands. */
const brokerWarmUp = { perSecond: 100, seconds: 60, warmUp: { perSecond: 100, seconds: 1 } };
const sizeBytes = 1_024;

/** How long a message takes from end to end, at shares of what the bridge can do, beside a bare produce → fetch. */
export function endToEnd(world: BenchWorld, options: Options): Benchmark {
  const { seconds = 15, warmUpSeconds } = options;
  const { brokers, prefix } = world.kafka;
  const wanted = chosen(options.only, ['webhook', 'command']);
  const places = new Map<string, { way: 'webhook' | 'command'; share: number }>(
    wanted.flatMap((way) =>
      shares.map((share) => [`${ways[way].title}, at ${share * 100} % of the capacity`, { way, share }] as const),
    ),
  );
  const capacity = { webhook: 0, command: 0 };
  let children: LatencyChildren | undefined;

  async function open(): Promise<LatencyChildren> {
    if (children) return children;
    children = {
      producer: startChild('load/producer.ts', { logFile: world.file('producer.log') }),
      reader: startChild('load/reader.ts', { logFile: world.file('reader.log') }),
    };
    world.onClose(children.producer.stop);
    world.onClose(children.reader.stop);
    await children.producer.ask({ kind: 'open', brokers, prefix });
    return children;
  }

  async function prepare(): Promise<void> {
    const given = { world, children: await open() };
    const capacities = {
      webhook: () => onWebhookWay(given, (way) => webhookCapacity(world, way, options)),
      command: () => commandCapacity(world, options),
    };
    if (wanted.includes('webhook')) {
      world.say('warming the broker up');
      await onWebhookWay(given, (way) => measureLatency(given, way, brokerWarmUp));
    }
    for (const way of wanted) {
      capacity[way] = await capacities[way]();
      if (capacity[way] === 0) throw new Error(`${ways[way].title}: nothing came through, so there is no share of it`);
      world.say(`${ways[way].title}: at most ${Math.round(capacity[way])} a second`);
    }
  }

  async function measure(setting: string, through: (way: 'webhook' | 'command') => typeof onBareWay) {
    const { way, share } = places.get(setting) ?? { way: 'webhook', share: 0 };
    const perSecond = capacity[way] * share;
    const warmUp = { perSecond: capacity[way] / 2, seconds: warmUpSeconds };
    const given = { world, children: await open() };
    return through(way)(given, (taken: Way) => measureLatency(given, taken, { perSecond, seconds, warmUp }));
  }

  return {
    contestants: [
      { name: 'bridge', measure: (setting) => measure(setting, (way) => ways[way].through) },
      { name: 'bare produce → fetch', measure: (setting) => measure(setting, () => onBareWay) },
    ],
    settings: [...places.keys()],
    columns: ['perSecond', 'p50Ms', 'p99Ms', 'cpuPer1000', 'peakMiB', 'otherCores', 'stolenCores', 'idleCores'],
    prepare,
  };
}

/** What both get done of webhooks that come as fast as ingress answers. All are different: the router drops repeats. */
async function webhookCapacity(
  world: BenchWorld,
  { url }: { url: string },
  { sockets, seconds = 15, warmUpSeconds }: Options,
): Promise<number> {
  const { client, names } = world.kafka;
  await world.load.ask({ kind: 'open', urls: [url], connections: sockets, conversations, sizeBytes });
  await world.load.ask({ kind: 'run', seconds: Math.max(1, warmUpSeconds) });
  // Its producers take a moment each before the router begins.
  for (let tries = 0; tries < 30 && (await countOffsets(client, names.channelMessages)) === 0; tries += 1) {
    await world.load.ask({ kind: 'run', seconds: 1 });
  }
  const before = await countOffsets(client, names.channelMessages);
  const startMs = performance.now();
  const { accepted } = await world.load.ask({ kind: 'run', seconds });
  const routed = (await countOffsets(client, names.channelMessages)) - before;
  const tookSeconds = (performance.now() - startMs) / 1_000;
  return Math.min(accepted / seconds, routed / tookSeconds);
}

async function commandCapacity(world: BenchWorld, options: Options): Promise<number> {
  const { seconds = 15, warmUpSeconds, backlog } = options;
  const load = { backlog, conversations, connections: 1 };
  await prepareOutbound(world, load);
  const more = { ...load, instances: 1, latencyMs: 0, seconds, warmUpSeconds };
  const { metrics } = await measureOutbound(world, bridgeApp('outbound'), more);
  return metrics.perSecond ?? 0;
}
