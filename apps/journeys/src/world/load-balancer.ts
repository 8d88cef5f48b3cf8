import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { isReady } from '@bridge/tools/app-process';

export type Backend = { port: number; probesPort: number };

/** What stands before several instances, as an ingress controller does: it keeps connections, and follows readiness. */
export type LoadBalancer = {
  /** Whether it gives requests to this one now. */
  uses(backend: Backend): boolean;
  /** How many requests it gave to this one. */
  served(backend: Backend): number;
  close(): Promise<void>;
};

/** As slow to notice as they are: who is to end must go on for longer than this. */
const askEveryMs = 1_000;

/** Deals the requests that come to `port` out to those that said, when they were last asked, that they are ready; else 502. */
export async function startLoadBalancer(port: number, backends: readonly Backend[]): Promise<LoadBalancer> {
  const agent = new Agent({ keepAlive: true });
  const served = new Map<Backend, number>();
  let ready: Backend[] = [];
  let total = 0;
  const closing = new AbortController();

  async function followReadiness(): Promise<void> {
    while (!closing.signal.aborted) {
      const answers = await Promise.all(backends.map(({ probesPort }) => isReady(probesPort)));
      ready = backends.filter((_, index) => answers[index]);
      await pause(askEveryMs);
    }
  }

  const server = createServer((incoming, outgoing) => {
    const refuse = () => void outgoing.writeHead(502).end();
    const backend = ready[(total += 1) % ready.length];
    if (!backend) return refuse();
    served.set(backend, (served.get(backend) ?? 0) + 1);
    const { method, url: path, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: backend.port, method, path, headers, agent }, (answer) => {
      // Of this connection, not of the other one.
      delete answer.headers.connection;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', refuse);
    incoming.pipe(onward);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const following = followReadiness();

  return {
    uses: (backend) => ready.includes(backend),
    served: (backend) => served.get(backend) ?? 0,
    async close() {
      closing.abort();
      server.close().closeAllConnections();
      agent.destroy();
      await following;
    },
  };
}
