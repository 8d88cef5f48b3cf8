import { openHttpConnection } from './http-connection.ts';
import type { HttpConnection } from './http-connection.ts';
import { pace } from './pace.ts';

export type StreamReport = { sent: number; accepted: number; refused: Record<string, number> };

/** As many sockets as are needed, up to so many; then requests wait for one. */
const mostConnections = 256;

/** Sends requests at a steady rate, however long the answers take; resolves when all are answered. */
export async function streamRequests(options: {
  target: { host: string; port: number };
  perSecond: number;
  seconds: number;
  request(index: number, dueMs: number): Buffer;
}): Promise<StreamReport> {
  const { target, request } = options;
  const idle: HttpConnection[] = [];
  const all: HttpConnection[] = [];
  const waiting: Buffer[] = [];
  const refused: Record<string, number> = {};
  let accepted = 0;
  let open = 0;
  const { promise: allAnswered, resolve } = Promise.withResolvers<void>();
  let isSent = false;

  function newConnection(): HttpConnection | undefined {
    if (all.length >= mostConnections) return undefined;
    const connection = openHttpConnection(target);
    all.push(connection);
    return connection;
  }

  function send(connection: HttpConnection, bytes: Buffer): void {
    connection.send(bytes, (status) => {
      if (status >= 200 && status <= 299) accepted += 1;
      else refused[status] = (refused[status] ?? 0) + 1;
      open -= 1;
      const next = waiting.shift();
      if (next) send(connection, next);
      else idle.push(connection);
      if (isSent && open === 0) resolve();
    });
  }

  const sent = await pace({
    ...options,
    onDue(index, dueMs) {
      open += 1;
      const connection = idle.pop() ?? newConnection();
      if (connection) send(connection, request(index, dueMs));
      else waiting.push(request(index, dueMs));
    },
  });
  isSent = true;
  if (open > 0) await allAnswered;
  all.forEach((connection) => connection.close());
  return { sent, accepted, refused };
}
