import { endProcess } from './end-process.ts';
import { exitCodeOf } from './exit-code.ts';
import { createLifecycle, type Part } from './lifecycle.ts';
import { listen } from './listen.ts';
import type { Log } from './log.ts';
import { createProbesServer, type Answer, type LocalRequest } from './probes-server.ts';
import { watchStopRequests } from './stop-requests.ts';

export type ServiceOptions = {
  /** The app, for example `ingress`. */
  name: string;
  log: Log;
  /** Where `/livez`, `/readyz` and `/metrics` are served, from the first moment on. */
  host: string;
  port: number;
  metrics: () => Promise<{ contentType: string; body: string }>;
  /** More that the probes' port answers, to requests from this machine (this pod) only; undefined: nothing is there. */
  local?: (request: LocalRequest) => Answer | undefined;
  /** Makes the parts, in the order of their start. `fail` ends the process later, with the error's exit code. */
  build: (control: { fail: (error: unknown) => void }) => Part[] | Promise<Part[]>;
  /** How long the parts may take to finish what is in flight. Default 20 s; after a quarter more the process ends anyway, with 1. */
  drainMs?: number;
  /** How long the service goes on after it said that it is not ready, until the load balancer has noticed. Default 0. */
  readinessGraceMs?: number;
};

/**
 * Runs a service until SIGTERM, SIGINT, the end of the parent process or a failure: builds, starts the parts in order,
 * stops them in reverse order, and ends the process. Resolves when all is stopped.
 *
 * Exit codes: 0 after an orderly stop; else the error's own `exitCode` (78 configuration, 69 no broker, 70 consumer lost)
 * or 1, also when a part did not stop in time. A second signal ends the process at once, with 1.
 *
 * @param given the options, or a function that makes them: so that a fault in the environment ends with its code, too.
 */
export async function runService(given: ServiceOptions | (() => ServiceOptions)): Promise<void> {
  const options = typeof given === 'function' ? makeOptions(given) : given;
  if (options) await run(options);
}

function makeOptions(make: () => ServiceOptions): ServiceOptions | undefined {
  try {
    return make();
  } catch (error) {
    // There is no logger yet. An error with an exit code is written for the operator, any other for us.
    process.exitCode = exitCodeOf(error);
    console.error(error instanceof Error && 'exitCode' in error ? error.message : error);
    return undefined;
  }
}

async function run({ name, log, drainMs = 20_000, readinessGraceMs = 0, ...options }: ServiceOptions): Promise<void> {
  const { host } = options;
  const lifecycle = createLifecycle(log);
  const probes = createProbesServer({ ...lifecycle, metrics: options.metrics, local: options.local });
  const end = Promise.withResolvers<{ graceMs: number }>();
  let exitCode = 0;

  const fail = (error: unknown) => {
    log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
    exitCode ||= exitCodeOf(error);
    end.resolve({ graceMs: 0 });
  };
  const start = async () => {
    const port = await listen(probes, { host, port: options.port, variable: `${name.toUpperCase()}_PROBES_PORT` });
    log.info({ host, port }, 'probes are served');
    await lifecycle.start(() => options.build({ fail }));
  };
  const unwatch = watchStopRequests({
    onStop: (reason) => {
      log.info({ reason }, 'stopping');
      end.resolve({ graceMs: readinessGraceMs });
    },
    onForce: (signal) => {
      log.warn({ signal }, 'ending at once, at the second signal');
      process.exit(1);
    },
    onCrash: (error) => {
      log.fatal({ err: error }, 'unexpected error: ending at once');
      process.exit(exitCodeOf(error));
    },
  });

  start().catch(fail);
  const { graceMs } = await end.promise;
  if (!(await lifecycle.stop({ graceMs, drainMs }))) exitCode ||= 1;
  probes.close().closeAllConnections();
  unwatch();
  log.info({ exitCode }, 'stopped');
  endProcess(exitCode, log);
}
