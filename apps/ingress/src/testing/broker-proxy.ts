import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A way to a broker that a test can close, open, and fill with silence. */
export type BrokerProxy = {
  address: string;
  open(): Promise<void>;
  /** Connections are accepted and nothing ever comes back. */
  stall(): Promise<void>;
  close(): Promise<void>;
};

/** Begins closed: whoever connects is refused. `broker` is `host:port`. */
export async function createBrokerProxy(broker: string): Promise<BrokerProxy> {
  const [host = '', brokerPort = ''] = broker.split(':');
  const port = await freePort();
  const sockets = new Set<Socket>();
  let server: Server | undefined;

  async function listen(onConnection: (socket: Socket) => void): Promise<void> {
    await close();
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      onConnection(socket);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }

  async function close(): Promise<void> {
    const old = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    if (old) await new Promise((resolve) => old.close(resolve));
  }

  return {
    address: `127.0.0.1:${port}`,
    open: () =>
      listen((socket) => {
        const upstream = connect(Number(brokerPort), host);
        sockets.add(upstream);
        upstream.on('error', () => socket.destroy());
        socket.pipe(upstream).pipe(socket);
      }),
    stall: () => listen((socket) => socket.resume()),
    close,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
