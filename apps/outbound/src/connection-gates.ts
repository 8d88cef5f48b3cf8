import type { BreakerState, CallHealth } from './circuit-breaker.ts';
import { createConnectionGate } from './connection-gate.ts';
import type { ConnectionGate, Entry } from './connection-gate.ts';
import { hasSameSecrets } from './deliver-send-command.ts';
import type { OutboundConnection } from './deliver-send-command.ts';

/** A gate, and the connection by which it is set. */
type Held = { gate: ConnectionGate; connection: OutboundConnection };

/** The gate of each connection, made at its first call. */
export function createConnectionGates(
  mustGiveWay: Parameters<typeof createConnectionGate>[1],
  /** A breaker opened, at first or again after a call that tried, or closed. */
  onBreaker: (change: { connection: string; state: 'open' | 'closed' }) => void,
) {
  const gates = new Map<string, Held>();
  /** By whom a call began: it ends at the same gate, whatever is configured then. */
  const gateOf = new WeakMap<OutboundConnection, ConnectionGate>();

  function of(connection: OutboundConnection): ConnectionGate {
    const { gate } = gates.get(connection.id) ?? { gate: createConnectionGate(connection.limits, mustGiveWay) };
    gates.set(connection.id, { gate, connection });
    gateOf.set(connection, gate);
    return gate;
  }

  function noteBreaker(id: string, before: BreakerState, state: BreakerState): void {
    if (state !== before && state !== 'half-open') onBreaker({ connection: id, state });
  }

  /** Other connections are in force. The gates of those that did not change are not touched. */
  function adopt(connections: ReadonlyMap<string, OutboundConnection>): void {
    for (const [id, { gate, connection: before }] of gates) {
      const connection = connections.get(id);
      if (connection === before) continue;
      if (connection) change(gate, before, connection);
      else gates.delete(id);
      gate.release();
    }
  }

  function change(gate: ConnectionGate, before: OutboundConnection, connection: OutboundConnection): void {
    gates.set(connection.id, { gate, connection });
    gate.limit(connection.limits);
    if (hasSameSecrets(before, connection)) return;
    const state = gate.state();
    gate.forgive();
    noteBreaker(connection.id, state, gate.state());
  }

  return {
    enter: (connection: OutboundConnection, wait: Parameters<ConnectionGate['enter']>[0]): Promise<Entry> =>
      of(connection).enter(wait),
    leave(connection: OutboundConnection, health: CallHealth): void {
      const gate = gateOf.get(connection) ?? of(connection);
      const held = gates.get(connection.id);
      const before = gate.state();
      // How another bot_url or key did says nothing of what is called now.
      gate.leave(held && !hasSameSecrets(held.connection, connection) ? 'not-called' : health);
      // A connection that is gone, or came back with another gate, has nothing to do with this one.
      if (held?.gate === gate) noteBreaker(connection.id, before, gate.state());
    },
    adopt,
    crowdOut: (partition: number): void => gates.forEach(({ gate }) => gate.crowdOut(partition)),
    states: () =>
      [...gates].map(([connection, { gate }]) => {
        return { connection, state: gate.state(), waiting: gate.waiting(), inFlight: gate.inFlight() };
      }),
  };
}
