import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { listen } from '@bridge/service';
import type { Logger } from '@bridge/telemetry';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { botEndpoint } from './bot-endpoint.ts';
import { controlApi } from './control-api.ts';
import { createDeliver } from './deliver.ts';
import { createDeliverNow } from './deliver-now.ts';
import { createDeliveryQueue } from './delivery-queue.ts';
import { createFaults } from './faults.ts';
import { createJournal } from './journal.ts';
import { managementApi } from './management-api.ts';
import { createSimulatorMetrics } from './metrics.ts';
import { createPostWebhook } from './post-webhook.ts';
import { createSay } from './say.ts';
import { createWorkspaces, type Workspace } from './workspaces.ts';

type SimulatorOptions = {
  host: string;
  /** 0: a free one. */
  port: number;
  /** The address that others know it by; absent: `http://127.0.0.1:<port>`. */
  publicUrl?: string | undefined;
  presets: readonly Workspace[];
  log: Logger;
  metrics?: ReturnType<typeof createSimulatorMetrics>;
};

/** The whole simulator as one part: `start` opens its port, `stop` closes it after what is on its way has arrived. */
export function createSimulator(options: SimulatorOptions) {
  const { host, port, presets, log, metrics = createSimulatorMetrics() } = options;
  const server = createServer();
  const url = () => {
    const address = server.address() as AddressInfo | null;
    return options.publicUrl?.replace(/\/+$/, '') ?? `http://127.0.0.1:${address?.port ?? port}`;
  };

  const workspaces = createWorkspaces(presets);
  const faults = createFaults();
  const journal = createJournal();
  const withAgent = new Set<string>();
  const { post, close: closeConnections } = createPostWebhook();
  const queue = createDeliveryQueue({ deliver: createDeliver({ workspaces, journal, post, metrics }), faults });
  const say = createSay(queue);
  const botUrl = (workspace: Workspace) => `${url()}/bot/${workspace.botCode}`;
  const reset = () => {
    queue.reset();
    faults.clear();
    withAgent.clear();
    workspaces.reset();
    journal.clear();
  };

  const app = express()
    .disable('x-powered-by')
    .use(managementApi({ workspaces, faults, journal, metrics, post, botUrl }))
    .use(botEndpoint({ workspaces, faults, journal, metrics, withAgent, say }))
    .use(
      '/control',
      controlApi({ workspaces, faults, journal, deliverNow: createDeliverNow({ say, queue }), botUrl, reset }),
    );
  addProbes(app, metrics).use(answerUnknownPath).use(answerError(log));
  server.on('request', app);

  return {
    name: 'simulator',
    url,
    start: async (): Promise<void> => {
      await listen(server, { host, port, variable: 'SIMULATOR_PORT' });
      log.info({ url: url(), workspaces: workspaces.all().map(({ id }) => id) }, 'the simulator listens');
    },
    stop: async ({ deadline }: { deadline: Date }): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.race([
        queue.idle(),
        pause(Math.max(0, deadline.getTime() - Date.now()), undefined, { ref: false }),
      ]);
      queue.reset();
      server.closeAllConnections();
      await closed;
      closeConnections();
    },
    ready: (): true | string => server.listening || 'the port is not open yet',
  };
}

function addProbes(app: Express, metrics: ReturnType<typeof createSimulatorMetrics>): Express {
  return app
    .get(['/livez', '/readyz'], (_request, response) => {
      response.type('text/plain').send('ok\n');
    })
    .get('/metrics', (_request, response, next) => {
      metrics.render().then(({ contentType, body }) => response.set('content-type', contentType).send(body), next);
    });
}

const answerUnknownPath: RequestHandler = (_request, response) => {
  response.status(404).json({ message: 'Not found.' });
};

/** A body that cannot be read, or a mistake of ours. */
function answerError(log: Logger): ErrorRequestHandler {
  return (error: { status?: number; message?: string }, _request, response, _next) => {
    const status = error.status ?? 500;
    if (status >= 500) log.error({ err: error }, 'a request failed');
    if (response.headersSent) return;
    response.status(status).json({ message: status >= 500 ? 'Server Error' : error.message });
  };
}
