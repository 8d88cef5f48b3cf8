import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadReport } from '../load/closed-loop.ts';
import { consumptionBetween, createMeter } from '../measure/meter.ts';
import type { Consumption } from '../measure/meter.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import { connectionIds } from '../world/bridge-file.ts';
import type { Contestant, Running } from '../world/contestant.ts';
import { countOffsets, freshTopics } from '../world/topics.ts';
import { costs } from './run.ts';
import type { Measured } from './run.ts';

export type IngressLoad = {
  seconds: number;
  warmUpSeconds: number;
  /** Sockets of the load generator. */
  sockets: number;
  /** Connections of the bridge, which take turns. */
  connections: number;
  instances: number;
};

type Instance = Running & { port: number };

/** Different bodies, which repeat: ingress stores a repeat as it stores everything, so that nothing is gained by them. */
const bodies = 200;
const conversations = 100;
const sizeBytes = 1_024;
const startTimeoutMs = 60_000;

/** Webhooks as fast as they are answered; what was accepted must be in the topic afterwards. */
export async function measureIngress(world: BenchWorld, contestant: Contestant, load: IngressLoad): Promise<Measured> {
  const { client, names, spec } = world.kafka;
  const topic = names.inboundEvents;
  world.contents.delete(topic);
  await freshTopics(client, [spec('inboundEvents')]);
  const settings = { bridgeFile: world.bridgeFile(load), groupId: 'none', topic, outTopic: topic };
  const instances: Instance[] = [];
  try {
    for (let index = 0; index < load.instances; index += 1) instances.push(await world.start(contestant, settings));
    const urls = await urlsOf(contestant, instances, load.connections);
    await world.load.ask({ kind: 'open', urls, connections: load.sockets, bodies, conversations, sizeBytes });
    const loaded = await putLoad(world, instances, load);
    const died = instances.flatMap((instance) => instance.died() ?? []);
    await Promise.all(instances.splice(0).map((instance) => instance.stop()));
    const stored = contestant.promises === 'nothing' ? undefined : await countOffsets(client, topic);
    return judge({ ...loaded, stored, died });
  } finally {
    await Promise.allSettled(instances.map((instance) => instance.stop()));
  }
}

async function urlsOf(contestant: Contestant, instances: Instance[], connections: number): Promise<string[]> {
  if (contestant.url) return [contestant.url.href];
  const ports = await Promise.all(instances.map(listening));
  const paths = connectionIds(connections).map((id) => `/webhooks/${id}`);
  return paths.flatMap((path) => ports.map((port) => `http://127.0.0.1:${port}${path}`));
}

/** The port, once something listens on it. */
async function listening(instance: Instance): Promise<number> {
  await instance.ready;
  for (const end = Date.now() + startTimeoutMs; !(await accepts(instance.port)); await sleep(50)) {
    const died = instance.died();
    if (died !== undefined) throw new Error(died);
    if (Date.now() > end) throw new Error(`nothing listens on port ${instance.port} (variable PORT) after a minute`);
  }
  return instance.port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

type Loaded = { warmUp: LoadReport; window: LoadReport; consumption: Consumption };

async function putLoad(world: BenchWorld, instances: Instance[], load: IngressLoad): Promise<Loaded> {
  const warmUp = await world.load.ask({ kind: 'run', seconds: load.warmUpSeconds });
  const contestant = instances.flatMap(({ groups }) => groups);
  const meter = createMeter({ contestant, broker: world.kafka.groups, own: [world.load.pid, world.sink.pid] });
  const from = meter.read();
  const window = await world.load.ask({ kind: 'run', seconds: load.seconds });
  return { warmUp, window, consumption: consumptionBetween(from, meter.read()) };
}

/** A peer of which nothing can be counted has nothing `stored`. */
function judge(run: Loaded & { stored: number | undefined; died: string[] }): Measured {
  const { warmUp, window, consumption, stored, died } = run;
  const accepted = warmUp.acceptedInAll + window.acceptedInAll;
  const refused = [warmUp, window].flatMap((report) =>
    Object.entries(report.refused).map(([status, count]) => `${count} answered ${status}`),
  );
  return {
    metrics: {
      ...costs(consumption, window.acceptedInAll),
      perSecond: window.accepted / window.seconds,
      p50Ms: window.latency?.p50Ms,
      p99Ms: window.latency?.p99Ms,
    },
    counts: { accepted, ...(stored !== undefined && { stored }) },
    faults: [
      ...died,
      ...refused,
      ...(stored !== undefined && stored < accepted ? [`${accepted} accepted, ${stored} stored`] : []),
      ...(window.accepted === 0 ? ['nothing was accepted'] : []),
    ],
    notes: [],
  };
}
