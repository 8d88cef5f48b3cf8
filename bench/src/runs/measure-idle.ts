import { setTimeout as sleep } from 'node:timers/promises';
import { consumptionBetween, createMeter } from '../measure/meter.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import type { Contestant } from '../world/contestant.ts';
import { forgetGroup, freshTopics } from '../world/topics.ts';
import { costs } from './run.ts';
import type { Measured } from './run.ts';

/** What a process costs that has nothing to do; `settleSeconds` after it is ready it has what it needs. */
export async function measureIdle(
  world: BenchWorld,
  contestant: Contestant,
  { seconds, settleSeconds }: { seconds: number; settleSeconds: number },
): Promise<Measured> {
  const { kafka } = world;
  const { client, names, spec, prefix } = kafka;
  world.contents.clear();
  const kinds = ['inboundEvents', 'channelMessages', 'sendCommands', 'sendResults', 'deadLetters'] as const;
  await freshTopics(client, kinds.map(spec));
  for (const app of ['router', 'outbound']) await forgetGroup(client, `${prefix}.${app}`);
  const bridgeFile = world.bridgeFile({ connections: 1 });
  const groupId = `${prefix}.idle`;
  const settings = { bridgeFile, groupId, topic: names.inboundEvents, outTopic: names.channelMessages };
  const running = await world.start(contestant, settings);
  try {
    await running.ready;
    await sleep(settleSeconds * 1_000);
    const meter = createMeter({
      contestant: running.groups,
      broker: kafka.groups,
      own: [world.sink.pid, world.load.pid],
    });
    const from = meter.read();
    await sleep(seconds * 1_000);
    const consumption = consumptionBetween(from, meter.read());
    const died = running.died();
    const { perSecond: _, cpuPer1000: _cpu, brokerCpuPer1000: _broker, ...metrics } = costs(consumption, 1);
    return { metrics, counts: {}, faults: died === undefined ? [] : [died], notes: [] };
  } finally {
    await running.stop();
  }
}
