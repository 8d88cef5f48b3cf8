import type { Deliver, Delivery, DeliveryReport } from './deliver.ts';
import type { DeliveryFault, Faults } from './faults.ts';

type Waiting = { delivery: Delivery; fault: DeliveryFault; report: (report: DeliveryReport) => void };

const laneOf = (delivery: Delivery): string => `${delivery.workspace}/${delivery.conversation ?? ''}`;
const dropped: DeliveryReport = { delivered: false, status: null, attempts: 0, sequences: [] };

export type DeliveryQueue = ReturnType<typeof createDeliveryQueue>;

/**
 * Deliveries in order within a conversation, conversations side by side. A delivery that meets the fault `out-of-order`
 * waits until the next one of its conversation has gone, or `holdMs`; several that wait go last first.
 */
export const createDeliveryQueue = ({ deliver, faults }: { deliver: Deliver; faults: Faults }) => {
  const lanes = new Map<string, Promise<void>>();
  const held = new Map<string, Waiting[]>();
  const timers = new Set<NodeJS.Timeout>();
  let generation = 0;

  const inLane = (lane: string, task: () => Promise<void>): Promise<void> => {
    const run = (lanes.get(lane) ?? Promise.resolve()).then(task);
    const settled = run
      .catch(() => {})
      .finally(() => {
        if (lanes.get(lane) === settled) lanes.delete(lane);
      });
    lanes.set(lane, settled);
    return run;
  };

  const releaseHeld = async (lane: string): Promise<void> => {
    const waiting = held.get(lane) ?? [];
    held.delete(lane);
    for (const { delivery, fault, report } of waiting.toReversed()) report(await deliver(delivery, fault));
  };

  const hold = (lane: string, waiting: Waiting): void => {
    held.set(lane, [...(held.get(lane) ?? []), waiting]);
    const timer = setTimeout(() => {
      timers.delete(timer);
      void inLane(lane, () => releaseHeld(lane));
    }, waiting.fault.holdMs);
    timers.add(timer);
  };

  return {
    /** Puts a delivery at the end of its conversation's queue; resolves when it has gone out, or was dropped by `reset`. */
    enqueue: (delivery: Delivery): Promise<DeliveryReport> =>
      new Promise((report, reject) => {
        const lane = laneOf(delivery);
        const born = generation;
        inLane(lane, async () => {
          if (born !== generation) return report(dropped);
          const fault = faults.takeForDelivery(delivery.workspace, delivery.conversation ?? undefined);
          if (fault?.kind === 'out-of-order') return hold(lane, { delivery, fault, report });
          report(await deliver(delivery, fault));
          await releaseHeld(lane);
        }).catch(reject);
      }),
    /** Drops what waits; what is on its way still arrives. */
    reset: (): void => {
      generation += 1;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      for (const waiting of held.values()) for (const { report } of waiting) report(dropped);
      held.clear();
    },
    /** Resolves when nothing is on its way or in a queue. */
    idle: async (): Promise<void> => {
      while (lanes.size > 0) await Promise.all(lanes.values());
    },
  };
};
