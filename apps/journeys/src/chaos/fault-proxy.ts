import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A TCP proxy whose network can be made bad. It begins good. */
export type FaultProxy = {
  /** Drops every connection and refuses new ones. */
  cut(): Promise<void>;
  /** All bytes come this much later, both ways, in their order. */
  delay(ms: number): void;
  /** Connections stay and are accepted, but nothing is forwarded; `heal` lets through what was held back. */
  stall(): void;
  heal(): Promise<void>;
  close(): Promise<void>;
};

type Chunk = { bytes: Buffer; at: number };

/** Held back in one direction of one connection; beyond, its sender is made to wait. */
const mostHeldBytes = 1 << 20;

/** Forwards what comes to `port` of 127.0.0.1 to `targetPort`. */
export async function startFaultProxy({ port, targetPort }: { port: number; targetPort: number }): Promise<FaultProxy> {
  const network = { delayMs: 0, stalled: false };
  const sockets = new Set<Socket>();
  let server: Server | undefined = await listen();

  async function listen(): Promise<Server> {
    const listening = createServer({ allowHalfOpen: true, noDelay: true }, accept).listen(port, '127.0.0.1');
    await once(listening, 'listening');
    return listening;
  }

  function accept(client: Socket): void {
    const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    forward(client, target);
    forward(target, client);
  }

  /** What was sent before its sender went away still arrives: so it is with real networks. */
  function forward(from: Socket, to: Socket): void {
    const held: Chunk[] = [];
    let heldBytes = 0;
    let over = false;
    let arrived: () => void = () => {};
    from.on('data', (bytes) => {
      held.push({ bytes, at: Date.now() });
      heldBytes += bytes.length;
      if (heldBytes > mostHeldBytes) from.pause();
      arrived();
    });
    for (const event of ['end', 'close'] as const) {
      from.on(event, () => {
        over = true;
        arrived();
      });
    }

    async function pump(): Promise<void> {
      while (!to.destroyed) {
        const chunk = held[0];
        if (chunk === undefined && over) return void to.end();
        if (chunk === undefined) {
          await new Promise<void>((resolve) => (arrived = resolve));
          continue;
        }
        const waitMs = network.stalled ? 20 : chunk.at + network.delayMs - Date.now();
        if (waitMs > 0) {
          await pause(waitMs);
          continue;
        }
        held.shift();
        heldBytes -= chunk.bytes.length;
        from.resume();
        if (!to.write(chunk.bytes)) await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => undefined);
      }
      from.destroy();
    }
    void pump();
    to.on('close', () => arrived());
  }

  async function cut(): Promise<void> {
    const listening = server;
    server = undefined;
    listening?.close();
    for (const socket of sockets) socket.resetAndDestroy();
    if (listening?.listening) await once(listening, 'close');
  }

  return {
    cut,
    delay: (ms) => void (network.delayMs = ms),
    stall: () => void (network.stalled = true),
    async heal() {
      network.delayMs = 0;
      network.stalled = false;
      server ??= await listen();
    },
    close: cut,
  };
}
