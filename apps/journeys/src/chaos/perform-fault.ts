import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosWorld } from './chaos-world.ts';
import type { MemberName, PlannedFault } from './plan-faults.ts';
import type { Timeline } from './timeline.ts';

type Scene = {
  world: ChaosWorld;
  timeline: Timeline;
  /** Aborts when all is to be healed: whatever lasts ends then. */
  healing: AbortSignal;
  violation(detail: string): void;
};

/** Who or what is the object of a fault now: it meets one at a time. */
const objectOf = (fault: PlannedFault): string => {
  if ('member' in fault) return fault.member;
  if (fault.name.startsWith('broker-')) return 'broker';
  if (fault.name.startsWith('kafka-')) return 'Kafka proxy';
  return 'connection' in fault ? `connection ${fault.connection}` : 'bot proxy';
};

/** Lets planned faults happen; those whose object is in one already are skipped. */
export function createFaultPerformer(scene: Scene) {
  const { timeline, violation } = scene;
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();

  function perform(fault: PlannedFault): void {
    const object = objectOf(fault);
    if (busy.has(object)) return timeline.say(`${fault.name}: ${object} is busy, skipped`);
    busy.add(object);
    const performed = begin(fault, scene)
      .catch((error: unknown) => violation(`${fault.name} of ${object} could not be done: ${String(error)}`))
      .finally(() => {
        busy.delete(object);
        running.delete(performed);
      });
    running.add(performed);
  }

  return {
    perform,
    /** Waits for those that go on. */
    async finish(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

function begin(fault: PlannedFault, scene: Scene): Promise<void> {
  switch (fault.name) {
    case 'kill':
    case 'term':
      return endAndStart(fault, scene);
    case 'stop':
      return stopProcess(fault, scene);
    case 'join':
      return joinAndLeave(fault, scene);
    case 'broker-restart':
    case 'broker-kill':
    case 'broker-away':
      return restartBroker(fault, scene);
    case 'broker-pause':
      return pauseBroker(fault, scene);
    case 'kafka-cut':
    case 'kafka-delay':
    case 'kafka-stall':
    case 'bot-cut':
    case 'bot-delay':
    case 'bot-stall':
      return disturbNetwork(fault, scene);
    case 'bot-status':
    case 'bot-throttle':
    case 'bot-reset':
    case 'bot-hang':
      return disturbBot(fault, scene);
  }
}

type OfApp = Extract<PlannedFault, { member: MemberName }>;
type OfBroker = Extract<PlannedFault, { name: `broker-${string}` }>;

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const lasting = (ms: number, { healing }: Scene) => sleep(ms, undefined, { signal: healing }).catch(() => undefined);

async function endAndStart({ name, member, lastsMs }: OfApp, scene: Scene): Promise<void> {
  const { world, timeline } = scene;
  const happening = timeline.begin({ name, member }, `${name} ${member}, back in ${seconds(lastsMs)}`);
  if (name === 'kill') await world.fleet.kill(member);
  else await terminate(member, scene);
  await lasting(lastsMs, scene);
  const isReady = await world.fleet.start(member);
  timeline.end(happening, `${member} is ${isReady ? 'ready' : 'not ready yet'} after its ${name}`);
}

async function terminate(member: MemberName, { world, timeline, violation }: Scene): Promise<void> {
  const ending = await world.fleet.terminate(member);
  if (!ending || ending.code === 0) return;
  const how = ending.signal ?? `code ${ending.code}`;
  timeline.say(`${member} ended with ${how} after SIGTERM`);
  violation(`${member} ended with ${how} after SIGTERM`);
}

async function stopProcess({ member, lastsMs }: OfApp, scene: Scene): Promise<void> {
  const { world, timeline } = scene;
  const happening = timeline.begin({ name: 'stop', member }, `stop ${member} for ${seconds(lastsMs)}`);
  world.fleet.stopFor(member, lastsMs);
  await lasting(lastsMs, scene);
  world.fleet.wake(member);
  timeline.end(happening, `${member} wakes up`);
}

async function joinAndLeave({ member, lastsMs }: OfApp, scene: Scene): Promise<void> {
  const { world, timeline } = scene;
  const happening = timeline.begin({ name: 'join', member }, `${member} joins for ${seconds(lastsMs)}`);
  await world.fleet.start(member);
  await lasting(lastsMs, scene);
  timeline.say(`${member} leaves`);
  await terminate(member, scene);
  timeline.end(happening, `${member} is gone`);
}

async function restartBroker({ name, lastsMs }: OfBroker, scene: Scene): Promise<void> {
  const { world, timeline } = scene;
  const how = name === 'broker-restart' ? 'stops' : 'is killed';
  const happening = timeline.begin({ name }, `${name}: the broker ${how}, back in ${seconds(lastsMs)}`);
  await (name === 'broker-restart' ? world.broker.stop() : world.broker.kill());
  await lasting(lastsMs, scene);
  await world.broker.start();
  timeline.end(happening, 'the broker is back');
}

async function pauseBroker({ lastsMs }: OfBroker, scene: Scene): Promise<void> {
  const { world, timeline } = scene;
  const happening = timeline.begin({ name: 'broker-pause' }, `broker-pause for ${seconds(lastsMs)}`);
  const wake = world.broker.pause(lastsMs);
  await lasting(lastsMs, scene);
  wake();
  timeline.end(happening, 'the broker goes on');
}

type Network = Extract<PlannedFault, { delayMs: number }>;

async function disturbNetwork({ name, lastsMs, delayMs }: Network, scene: Scene): Promise<void> {
  const { world, timeline } = scene;
  const [where, how] = name.split('-');
  const proxy = where === 'kafka' ? world.kafkaProxy : world.botProxy;
  const amount = how === 'delay' ? ` by ${delayMs} ms` : '';
  const happening = timeline.begin({ name }, `${name}${amount} for ${seconds(lastsMs)}`);
  if (how === 'cut') await proxy.cut();
  else if (how === 'delay') proxy.delay(delayMs);
  else proxy.stall();
  await lasting(lastsMs, scene);
  await proxy.heal();
  timeline.end(happening, `${name} is over`);
}

type OfBot = Extract<PlannedFault, { connection: number }>;

/** The simulator notes in its journal which requests met the fault: the timeline need not say how long it was armed. */
async function disturbBot(
  { name, connection, times, accepts, retryAfter }: OfBot,
  { world, timeline }: Scene,
): Promise<void> {
  const { workspace, id } = world.connections[connection] ?? world.connections[0];
  const kind = {
    'bot-status': { kind: 'status', status: 500 },
    'bot-throttle': { kind: 'status', status: 429, retryAfter },
    'bot-reset': { kind: 'reset', accepts },
    'bot-hang': { kind: 'hang', accepts },
  }[name];
  const after = accepts && (name === 'bot-reset' || name === 'bot-hang') ? ' after taking the message' : '';
  timeline.say(`${name}${after}, ${times} times, at ${id}`);
  await world.simulator.addFault(workspace, { target: 'bot-url', times, ...kind });
}
