import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { consumptionBetween, createMeter } from '../measure/meter.ts';
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

/** Different bodies, which repeat: ingress stores a repeat as it stores everything, so that nothing is gained by them. */
const bodies = 200;
const conversations = 100;
const sizeBytes = 1_024;
const startTimeoutMs = 60_000;

/** Webhooks as fast as they are answered; what was accepted must be in the topic afterwards. */
export async function measureIngress(world: BenchWorld, contestant: Contestant, load: IngressLoad): Promise<Measured> {
  const { kafka } = world;
  const topic = kafka.names.inboundEvents;
  world.contents.delete(topic);
  await freshTopics(kafka.client, [kafka.spec('inboundEvents')]);
  const settings = { bridgeFile: world.bridgeFile(load), groupId: 'none', topic, outTopic: topic };
  const instances: (Running & { port: number })[] = [];
  try {
    for (let index = 0; index < load.instances; index += 1) instances.push(await world.start(contestant, settings));
    const hosts = contestant.url
      ? [contestant.url.host]
      : await Promise.all(instances.map(async (instance) => `127.0.0.1:${await listening(instance)}`));
    const ids = connectionIds(load.connections);
    const paths = contestant.url ? [contestant.url.pathname] : ids.map((id) => `/webhooks/${id}`);
    const urls = paths.flatMap((path) => hosts.map((host) => `http://${host}${path}`));
    await world.load.ask({ kind: 'open', urls, connections: load.sockets, bodies, conversations, sizeBytes });
    const warmUp = await world.load.ask({ kind: 'run', seconds: load.warmUpSeconds });
    const groups = instances.flatMap((instance) => instance.groups);
    const meter = createMeter({ contestant: groups, broker: kafka.groups, own: [world.load.pid, world.sink.pid] });
    const from = meter.read();
    const window = await world.load.ask({ kind: 'run', seconds: load.seconds });
    const consumption = consumptionBetween(from, meter.read());
    const died = instances.flatMap((instance) => instance.died() ?? []);
    await Promise.all(instances.splice(0).map((instance) => instance.stop()));

    const accepted = warmUp.acceptedInAll + window.acceptedInAll;
    const stored = contestant.promises === 'nothing' ? undefined : await countOffsets(kafka.client, topic);
    const refused = Object.entries(window.refused).map(([status, count]) => `${count} answered ${status}`);
    const lost = stored !== undefined && stored < accepted ? [`${accepted} accepted, ${stored} stored`] : [];
    return {
      metrics: {
        ...costs(consumption, window.acceptedInAll),
        perSecond: window.accepted / window.seconds,
        p50Ms: window.latency?.p50Ms,
        p99Ms: window.latency?.p99Ms,
      },
      counts: { accepted, ...(stored !== undefined && { stored }) },
      faults: [...died, ...refused, ...lost, ...(window.accepted === 0 ? ['nothing was accepted'] : [])],
      notes: [],
    };
  } finally {
    await Promise.allSettled(instances.map((instance) => instance.stop()));
  }
}

/** The port, once something listens on it. */
async function listening(instance: Running & { port: number }): Promise<number> {
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
