import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '@bridge/service';
import type { Log, Part } from '@bridge/service';

/** Longer than load balancers keep an idle connection (60 s), so that it is never us who close one just being used. */
const keepAliveTimeoutMs = 65_000;
/** How long a sender may take for its headers, and for the whole request. */
const requestTimeoutMs = 10_000;

export type WebhookServer = Part & { address(): AddressInfo };

/** The port for webhooks. It stops in order: no new connections, then the requests begun are answered, until the deadline. */
export function createWebhookServer(options: {
  app: RequestListener;
  host: string;
  port: number;
  log: Pick<Log, 'info'>;
}): WebhookServer {
  const inFlight = new Set<ServerResponse>();
  let stopping = false;
  const server = createServer({
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: keepAliveTimeoutMs,
  });
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

  async function stop({ deadline }: { deadline: Date }): Promise<void> {
    stopping = true;
    for (const response of inFlight) if (!response.headersSent) response.setHeader('connection', 'close');
    // Idle connections end here; those that never sent anything would keep the server open for ever.
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const answered = Promise.all([...inFlight].map((response) => once(response, 'close')));
    const late = setTimeout(() => server.closeAllConnections(), Math.max(0, deadline.getTime() - Date.now()));
    await Promise.race([answered, closed]);
    server.closeAllConnections();
    await closed;
    clearTimeout(late);
  }

  return { name: 'webhooks', start, stop, address: () => server.address() as AddressInfo };
}
