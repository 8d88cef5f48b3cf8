import { setTimeout as sleep } from 'node:timers/promises';
import type { ProducerQuestion, ProducerReport } from '../load/producer.ts';
import type { ReaderQuestion, ReaderReport } from '../load/reader.ts';
import { consumptionBetween, createMeter } from '../measure/meter.ts';
import type { Percentiles } from '../measure/percentiles.ts';
import type { BenchWorld } from '../world/bench-world.ts';
import type { Child } from '../world/child.ts';
import { costs } from './run.ts';
import type { Measured } from './run.ts';

/** The processes that only latency needs. */
export type LatencyChildren = {
  producer: Child<ProducerQuestion, ProducerReport>;
  reader: Child<ReaderQuestion, ReaderReport>;
};

/** What came of a stretch of a stream at its other end. */
export type Arrived = { received: number; repeated: number; latency: Percentiles | undefined; faults: string[] };

/** A way that messages take. */
export type Way = {
  /** Process groups on it. */
  groups: number[];
  /** Sends so many a second; resolves with how many it sent and what was refused. */
  send(name: string, perSecond: number, seconds: number): Promise<{ sent: number; refused: string[] }>;
  /** Forgets what arrived until now. */
  reset(): Promise<void>;
  received(): Promise<number>;
  arrived(): Promise<Arrived>;
  died(): string | undefined;
};

const patienceMs = 60_000;

/** Sends at a steady rate along a way and looks how long it took; all that was sent must arrive, once. */
export async function measureLatency(
  { world, children }: { world: BenchWorld; children: LatencyChildren },
  way: Way,
  rate: { perSecond: number; seconds: number; warmUp: { perSecond: number; seconds: number } },
): Promise<Measured> {
  const { producer, reader } = children;
  const own = [world.load.pid, world.sink.pid, producer.pid, reader.pid];
  if (rate.warmUp.seconds > 0) {
    await way.reset();
    const { sent } = await way.send('warm-up', rate.warmUp.perSecond, rate.warmUp.seconds);
    await untilReceived(way, sent);
  }
  await way.reset();
  const meter = createMeter({ contestant: way.groups, broker: world.kafka.groups, own });
  const from = meter.read();
  const { sent, refused } = await way.send('measured', rate.perSecond, rate.seconds);
  const consumption = consumptionBetween(from, meter.read());
  await untilReceived(way, sent);
  const { received, repeated, latency, faults } = await way.arrived();
  const lost = received - repeated < sent ? [`${sent} sent, ${received - repeated} arrived`] : [];
  const died = way.died();
  return {
    metrics: { ...costs(consumption, sent), p50Ms: latency?.p50Ms, p99Ms: latency?.p99Ms },
    counts: { sent, received },
    faults: [
      ...(sent === 0 ? ['nothing was sent'] : []),
      ...refused,
      ...lost,
      ...(repeated > 0 ? [`${repeated} arrived more than once`] : []),
      ...faults,
      ...(died === undefined ? [] : [died]),
    ],
    notes: [],
  };
}

async function untilReceived(way: Way, sent: number): Promise<void> {
  const end = performance.now() + patienceMs;
  while ((await way.received()) < sent && performance.now() < end && way.died() === undefined) await sleep(50);
  // What comes more than once has a moment to do so.
  await sleep(200);
}
