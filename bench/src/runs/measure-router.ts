import { readRange, topicRanges } from '@bridge/kafka';
import { createMeter } from '../measure/meter.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import type { Contestant, Running } from '../world/contestant.ts';
import { inboundRecord } from '../world/inbound-backlog.ts';
import { publishAll } from '../world/publish-all.ts';
import { forgetGroup, freshTopics, withAdmin } from '../world/topics.ts';
import { createRoutedCheck } from './check-routed.ts';
import { costs } from './run.ts';
import type { Measured } from './run.ts';
import { stretch, watchProgress } from './watch-progress.ts';
import type { Sample } from './watch-progress.ts';

export type RouterLoad = { backlog: number; conversations: number; instances: number };

const sizeBytes = 1_024;
const patienceMs = 60_000;
/** Nothing more comes when nothing came for so long, and all has come. */
const quietMs = 1_500;
/** Of the backlog: until then it is warming up. */
const warmUpShare = 0.1;

/** Fills inbound-events, unless the same events lie there already. */
export async function prepareRouter(
  world: BenchWorld,
  { backlog, conversations }: Pick<RouterLoad, 'backlog' | 'conversations'>,
): Promise<void> {
  const { client, names, spec } = world.kafka;
  const what = `${backlog} ${conversations}`;
  if (world.contents.get(names.inboundEvents)?.what === what) return;
  world.say(`storing ${backlog} inbound events`);
  await freshTopics(client, [spec('inboundEvents'), spec('deadLetters')]);
  const at = new Date();
  await publishAll(client, backlog, (index) =>
    inboundRecord({ topic: names.inboundEvents, index, conversations, sizeBytes, at }),
  );
  world.contents.set(names.inboundEvents, { what, atMs: performance.now() });
}

/** The whole backlog from inbound-events to channel-messages; afterwards all of it is read and checked. */
export async function measureRouter(world: BenchWorld, contestant: Contestant, load: RouterLoad): Promise<Measured> {
  const { kafka } = world;
  const { client, names } = kafka;
  const groupId = `${kafka.prefix}.router`;
  await freshTopics(client, [kafka.spec('channelMessages')]);
  await forgetGroup(client, groupId);
  const bridgeFile = world.bridgeFile({ connections: 1 });
  const settings = { bridgeFile, groupId, topic: names.inboundEvents, outTopic: names.channelMessages };
  const instances: Running[] = [];
  try {
    for (let index = 0; index < load.instances; index += 1) instances.push(await world.start(contestant, settings));
    const samples = await samplesOf(world, instances, load.backlog);
    await Promise.all(instances.splice(0).map((instance) => instance.stop()));
    return await judge({ world, contestant, load, samples });
  } finally {
    await Promise.allSettled(instances.map((instance) => instance.stop()));
  }
}

async function samplesOf(world: BenchWorld, instances: Running[], backlog: number): Promise<Sample[]> {
  const { kafka } = world;
  const groups = instances.flatMap((instance) => instance.groups);
  const meter = createMeter({ contestant: groups, broker: kafka.groups, own: [world.load.pid, world.sink.pid] });
  return withAdmin(kafka.client, (admin) =>
    watchProgress({
      meter,
      count: async () =>
        (await admin.fetchTopicOffsets(kafka.names.channelMessages)).reduce((sum, { high }) => sum + Number(high), 0),
      isDone: (all) => isDrained(all, backlog),
      died: () => instances.map((instance) => instance.died()).find((reason) => reason !== undefined),
      patienceMs,
    }),
  );
}

function isDrained(samples: Sample[], backlog: number): boolean {
  const last = samples.at(-1);
  if (last === undefined || last.count < backlog) return false;
  const since = samples.findIndex(({ count }) => count === last.count);
  return last.reading.atMs - (samples[since]?.reading.atMs ?? 0) >= quietMs;
}

async function judge(options: {
  world: BenchWorld;
  contestant: Contestant;
  load: RouterLoad;
  samples: Sample[];
}): Promise<Measured> {
  const { world, contestant, load, samples } = options;
  const { client, names } = world.kafka;
  const check = createRoutedCheck(load.backlog);
  const ranges = await topicRanges(client, names.channelMessages);
  await readRange({ client, topic: names.channelMessages, ranges, onRecord: check.take });
  const { written, repeated, missing, disordered, foreign } = check.report();
  // A transaction's end takes an offset, too: what is counted by offsets is that much less in records.
  const offsets = samples.at(-1)?.count ?? 0;
  const { count, consumption } = stretch(samples, offsets * warmUpShare, offsets);
  const isFault = contestant.promises === 'exactly';
  const repeats = repeated > 0 ? [`${repeated} came twice`] : [];
  return {
    metrics: costs(consumption, (count / offsets) * written),
    counts: { input: load.backlog, output: written },
    faults: [
      ...(isFault ? repeats : []),
      ...(missing > 0 ? [`${missing} are missing`] : []),
      ...(disordered > 0 ? [`${disordered} out of order`] : []),
      ...(foreign > 0 ? [`${foreign} records are no event of the backlog`] : []),
    ],
    notes: isFault ? [] : repeats,
  };
}
