import { createServer } from 'node:http';
import type { RequestListener, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { PassingSet } from '@bridge/kafka';
import { listen } from '@bridge/service';
import type { Log, Part } from '@bridge/service';

/** Longer than load balancers keep an idle connection (60 s), so that it is never us who close one just being used. */
const keepAliveTimeoutMs = 65_000;
/** How long a sender may take for its headers, and for the whole request. */
const requestTimeoutMs = 10_000;
/** Of which each may hold headers of 16 KiB, about 70 KB of memory; kept and idle ones count as well. */
const mostConnections = 2_000;

export type WebhookServerOptions = {
  app: RequestListener;
  host: string;
  port: number;
  log: Pick<Log, 'info'>;
  /** How long a stop leaves kept connections the chance to end with an answer; 1,000 ms unless told. */
  farewellMs?: number;
  /** How many connections there may be at once; 2,000 unless told. Beyond, new ones are closed, and `onRefused` called. */
  maxConnections?: number;
  onRefused: () => void;
};

export type WebhookServer = Part & { address(): AddressInfo };

/** The port for webhooks. It stops in order: no new connections, what was begun is answered, the kept ones end. */
export function createWebhookServer(options: WebhookServerOptions): WebhookServer {
  const inFlight = new PassingSet<ServerResponse>();
  let stopping = false;
  const server = createServer({
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: keepAliveTimeoutMs,
  });
  server.maxConnections = options.maxConnections ?? mostConnections;
  server.on('drop', options.onRefused);
  server.on('request', (request, response) => {
    if (stopping) response.setHeader('connection', 'close');
    inFlight.add(response);
    response.once('close', () => inFlight.delete(response));
    options.app(request, response);
  });

  async function start(): Promise<void> {
    const { host, port: wanted, log } = options;
    const port = await listen(server, { host, port: wanted, variable: 'INGRESS_PORT' });
    log.info({ host, port }, 'webhooks are received');
  }

  const countConnections = () =>
    new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));

  async function stop({ deadline }: { deadline: Date }): Promise<void> {
    stopping = true;
    for (const response of inFlight) if (!response.headersSent) response.setHeader('connection', 'close');
    // net's close only stops listening. http's would also cut the kept connections, and with them the requests that are
    // just on their way: instead each of them ends with the answer to its next request.
    NetServer.prototype.close.call(server);
    const farewellEnd = Date.now() + (options.farewellMs ?? 1_000);
    while (Date.now() < deadline.getTime() && (await countConnections()) > 0) {
      // What is left then never sent a whole request, and would stay for ever.
      if (inFlight.size === 0 && Date.now() >= farewellEnd) break;
      await pause(20);
    }
    server.closeAllConnections();
    server.close();
  }

  return { name: 'webhooks', start, stop, address: () => server.address() as AddressInfo };
}
