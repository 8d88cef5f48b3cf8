import type { BenchWorld } from '../world/bench-world.ts';
import { bridgeApp } from '../world/bridge-app.ts';
import type { Running } from '../world/contestant.ts';
import { forgetGroup, freshTopics } from '../world/topics.ts';
import type { LatencyChildren, Way } from './measure-latency.ts';

type Given = { world: BenchWorld; children: LatencyChildren };

const conversations = 100;
const sizeBytes = 1_024;
const path = '/webhooks/company-1';

/** Gives `use` the way from a webhook to the channel message that is read, through a new ingress and a new router. */
export async function onWebhookWay<T>(
  { world, children }: Given,
  use: (way: Way & { url: string }) => Promise<T>,
): Promise<T> {
  const { client, names, spec, prefix, brokers } = world.kafka;
  world.contents.clear();
  await freshTopics(client, [spec('inboundEvents'), spec('channelMessages'), spec('deadLetters')]);
  await forgetGroup(client, `${prefix}.router`);
  return withApps(world, ['ingress', 'router'], async (apps) => {
    await children.reader.ask({ kind: 'follow', brokers, prefix, topic: names.channelMessages });
    const url = `http://127.0.0.1:${apps[0]?.port}${path}`;
    return use({
      ...readBy(children),
      ...watched(apps),
      url,
      async send(name, perSecond, seconds) {
        const stream = { kind: 'stream', name, url, perSecond, seconds, conversations, sizeBytes } as const;
        const { sent, refused } = await world.load.ask(stream);
        return { sent, refused: Object.entries(refused).map(([status, count]) => `${count} answered ${status}`) };
      },
    });
  });
}

/** Gives `use` the way from a command that is produced to the call of the bot, through a new outbound. */
export async function onCommandWay<T>({ world, children }: Given, use: (way: Way) => Promise<T>): Promise<T> {
  const { client, names, spec, prefix } = world.kafka;
  world.contents.clear();
  await freshTopics(client, [spec('sendCommands'), spec('sendResults'), spec('deadLetters')]);
  await forgetGroup(client, `${prefix}.outbound`);
  return withApps(world, ['outbound'], async (apps) =>
    use({
      ...watched(apps),
      send: producedTo(children, names.sendCommands),
      reset: async () => void (await world.sink.ask({ kind: 'reset', latencyMs: 0 })),
      received: async () => (await world.sink.ask({ kind: 'report' })).received,
      async arrived() {
        const { received, duplicates, gaps, overlaps, latency } = await world.sink.ask({ kind: 'final-report' });
        const disordered = gaps + overlaps > 0 ? [`${gaps} out of order, ${overlaps} at once with another`] : [];
        return { received, repeated: duplicates, latency, faults: disordered };
      },
    }),
  );
}

/** Gives `use` the way past the bridge: from a producer to a reader of the same topic. */
export async function onBareWay<T>({ world, children }: Given, use: (way: Way) => Promise<T>): Promise<T> {
  const { client, bare, prefix, brokers } = world.kafka;
  await freshTopics(client, [bare]);
  await children.reader.ask({ kind: 'follow', brokers, prefix, topic: bare.name });
  return use({ ...readBy(children), groups: [], died: () => undefined, send: producedTo(children, bare.name) });
}

function producedTo({ producer }: LatencyChildren, topic: string): Way['send'] {
  return async (name, perSecond, seconds) => {
    const { sent, failed } = await producer.ask({ kind: 'stream', name, topic, perSecond, seconds, conversations });
    return { sent, refused: failed > 0 ? [`${failed} could not be produced`] : [] };
  };
}

const readBy = ({ reader }: LatencyChildren): Pick<Way, 'reset' | 'received' | 'arrived'> => ({
  reset: async () => void (await reader.ask({ kind: 'reset' })),
  received: async () => (await reader.ask({ kind: 'count' })).received,
  arrived: async () => ({ ...(await reader.ask({ kind: 'report' })), faults: [] }),
});

const watched = (apps: Running[]) => ({
  groups: apps.flatMap(({ groups }) => groups),
  died: () => apps.map((app) => app.died()).find((reason) => reason !== undefined),
});

type App = Awaited<ReturnType<BenchWorld['start']>>;

async function withApps<T>(
  world: BenchWorld,
  names: ('ingress' | 'router' | 'outbound')[],
  use: (apps: App[]) => Promise<T>,
): Promise<T> {
  const bridgeFile = world.bridgeFile({ connections: 1 });
  const { names: topics, prefix } = world.kafka;
  const settings = { bridgeFile, groupId: prefix, topic: topics.inboundEvents, outTopic: topics.channelMessages };
  const apps: App[] = [];
  try {
    for (const name of names) apps.push(await world.start(bridgeApp(name), settings));
    await Promise.all(apps.map(({ ready }) => ready));
    return await use(apps);
  } finally {
    await Promise.all(apps.map((app) => app.stop()));
  }
}
