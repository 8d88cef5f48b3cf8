import type { CallHealth } from './circuit-breaker.ts';
import { createConnectionGate } from './connection-gate.ts';
import type { ConnectionGate, Entry } from './connection-gate.ts';
import type { OutboundConnection } from './deliver-send-command.ts';

/** The gate of each connection, made at its first call. */
export function createConnectionGates(
  isCrowded: (partition: number) => boolean,
  /** A breaker opened, at first or again after a call that tried, or closed. */
  onBreaker: (change: { connection: string; state: 'open' | 'closed' }) => void,
) {
  const gates = new Map<string, ConnectionGate>();

  function of({ id, limits }: OutboundConnection): ConnectionGate {
    const gate = gates.get(id) ?? createConnectionGate(limits, isCrowded);
    gates.set(id, gate);
    return gate;
  }

  return {
    enter: (connection: OutboundConnection, wait: Parameters<ConnectionGate['enter']>[0]): Promise<Entry> =>
      of(connection).enter(wait),
    leave(connection: OutboundConnection, health: CallHealth): void {
      const gate = of(connection);
      const before = gate.state();
      gate.leave(health);
      const state = gate.state();
      if (state === before || state === 'half-open') return;
      onBreaker({ connection: connection.id, state });
    },
    crowdOut: (partition: number): void => gates.forEach((gate) => gate.crowdOut(partition)),
    states: () =>
      [...gates].map(([connection, gate]) => ({ connection, state: gate.state(), waiting: gate.waiting() })),
  };
}
