import { once } from 'node:events';
import type { Server } from 'node:net';

/** A server can't have its address: a fault of the configuration, whoever set it. */
export class PortError extends Error {
  readonly exitCode = 78;
  override readonly name = 'PortError';
}

/**
 * Lets a server listen and waits until it does.
 *
 * @param address `variable` names the environment variable that sets the port, for the error's sake.
 * @returns the port, which is another than asked for when 0 was asked for.
 * @throws PortError (exit code 78) when the port is busy or forbidden, or the host is none of this machine's.
 */
export async function listen(
  server: Server,
  { host, port, variable }: { host: string; port: number; variable: string },
): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new PortError(explain(error, { host, port, variable }), { cause: error });
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function explain(error: unknown, { host, port, variable }: { host: string; port: number; variable: string }): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is already in use: stop what listens there, or set ${variable} to a free port.`;
  }
  if (code === 'EACCES')
    return `Port ${port} on ${host} is not allowed for this user: set ${variable} to a port above 1023.`;
  return `Can't listen on ${host}:${port} (${String(code ?? error)}): check HOST and ${variable}.`;
}
