import { createMeter } from '../measure/meter.ts';
import type { SinkReport } from '../sink/sink.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { connectionIds } from '../world/bridge-file.ts';
import { commandRecord } from '../world/command-backlog.ts';
import type { Contestant, Running } from '../world/contestant.ts';
import { publishAll } from '../world/publish-all.ts';
import { forgetGroup, freshTopics } from '../world/topics.ts';
import { watchProgress } from './watch-progress.ts';
import type { Sample } from './watch-progress.ts';
import { judgeOutbound } from './judge-outbound.ts';
import type { Measured } from './run.ts';

export type OutboundLoad = {
  backlog: number;
  conversations: number;
  connections: number;
  instances: number;
  latencyMs: number;
  /** One connection answers so late. */
  slow?: { connection: string; latencyMs: number };
  /** Of the connections; high when absent. */
  concurrency?: number;
  seconds: number;
  warmUpSeconds: number;
};

const sizeBytes = 1_024;
const patienceMs = 60_000;
/** At the latest then, of the backlog, the warm-up is over. */
const warmUpShare = 0.15;

/** Commands that are as old as an hour are not sent any more. */
const prepareAgainMs = 20 * 60_000;

/** Fills send-commands, unless the same commands lie there already, and not for too long. */
export async function prepareOutbound(
  world: BenchWorld,
  load: Pick<OutboundLoad, 'backlog' | 'conversations' | 'connections'>,
): Promise<void> {
  const { client, names, spec } = world.kafka;
  const what = `${load.backlog} ${load.conversations} ${load.connections}`;
  const earlier = world.contents.get(names.sendCommands);
  if (earlier?.what === what && performance.now() - earlier.atMs < prepareAgainMs) return;
  world.say(`storing ${load.backlog} send commands`);
  await freshTopics(client, [spec('sendCommands'), spec('deadLetters')]);
  const commands = { connections: connectionIds(load.connections), conversations: load.conversations, sizeBytes };
  await publishAll(client, load.backlog, (index) => commandRecord(names.sendCommands, commands, index));
  world.contents.set(names.sendCommands, { what, atMs: performance.now() });
}

/** Commands from the backlog to the sink, for a while; the sink checks their order, and each one must have its result. */
export async function measureOutbound(
  world: BenchWorld,
  contestant: Contestant,
  load: OutboundLoad,
): Promise<Measured & { sink: SinkReport; seconds: number }> {
  const { kafka } = world;
  const { names, client } = kafka;
  const groupId = `${kafka.prefix}.outbound`;
  await freshTopics(client, [kafka.spec('sendResults')]);
  await forgetGroup(client, groupId);
  await world.sink.ask({ kind: 'reset', latencyMs: load.latencyMs, ...(load.slow && { slow: load.slow }) });
  const bridgeFile = world.bridgeFile(load);
  const env = { CONVERSATIONS: String(load.conversations) };
  const settings = { bridgeFile, groupId, topic: names.sendCommands, outTopic: names.sendResults, env };
  const instances: Running[] = [];
  try {
    for (let index = 0; index < load.instances; index += 1) instances.push(await world.start(contestant, settings));
    const watched = await watch(world, instances, load);
    await Promise.all(instances.splice(0).map((instance) => instance.stop()));
    const sink = await world.sink.ask({ kind: 'report' });
    const measured = await judgeOutbound({ world, contestant, load, sink, watched });
    return { ...measured, sink, seconds: watched.seconds };
  } finally {
    await Promise.allSettled(instances.map((instance) => instance.stop()));
  }
}

/** What was seen until the window's end; `warm` is where it began, `deliveredTo` are the connections' shares of it. */
export type Watched = { samples: Sample[]; warm: Sample; seconds: number; deliveredTo: Record<string, number> };

/** Warm-up and window begin with the first call; both end early when the backlog does. */
async function watch(world: BenchWorld, instances: Running[], load: OutboundLoad): Promise<Watched> {
  const { kafka, sink } = world;
  const groups = instances.flatMap((instance) => instance.groups);
  const meter = createMeter({ contestant: groups, broker: kafka.groups, own: [sink.pid, world.load.pid] });
  let before: SinkReport | undefined;
  let latest: SinkReport | undefined;
  let first: Sample | undefined;
  let warm: Sample | undefined;
  const samples = await watchProgress({
    meter,
    count: async () => (latest = await sink.ask({ kind: 'report' })).delivered,
    isDone(all) {
      const last = all.at(-1) as Sample;
      if (last.count > 0) first ??= last;
      const isWarm = first && (since(first, last) >= load.warmUpSeconds || last.count >= load.backlog * warmUpShare);
      if (isWarm && warm === undefined) {
        warm = last;
        before = latest;
      }
      return warm !== undefined && (since(warm, last) >= load.seconds || last.count >= load.backlog);
    },
    died: () => instances.map((instance) => instance.died()).find((reason) => reason !== undefined),
    patienceMs,
  });
  const [beginning] = samples;
  const begin = warm ?? beginning;
  if (begin === undefined) throw new Error('nothing was watched');
  const deliveredTo = Object.fromEntries(
    Object.entries(latest?.deliveredTo ?? {}).map(([id, count]) => [id, count - (before?.deliveredTo[id] ?? 0)]),
  );
  return { samples, warm: begin, seconds: since(begin, samples.at(-1) as Sample), deliveredTo };
}

const since = (from: Sample, to: Sample) => (to.reading.atMs - from.reading.atMs) / 1_000;
