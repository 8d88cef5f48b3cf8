import { openHttpConnection } from './http-connection.ts';
import type { HttpConnection } from './http-connection.ts';
import { percentiles } from '../measure/percentiles.ts';
import type { Percentiles } from '../measure/percentiles.ts';

/** What came of a stretch of load. */
export type LoadReport = {
  /** Answered 2xx within the time. */
  accepted: number;
  /** Of these the last may have come after the time. */
  acceptedInAll: number;
  /** How many were answered otherwise, by status; 0 is no answer at all. */
  refused: Record<string, number>;
  seconds: number;
  latency: Percentiles | undefined;
};

/** Each connection sends its next request when the last one is answered, for `seconds`. */
export function createClosedLoop(options: {
  targets: { host: string; port: number }[];
  connections: number;
  request(index: number): Buffer;
}) {
  const { targets, request } = options;
  const connections: HttpConnection[] = Array.from({ length: options.connections }, (_, index) =>
    openHttpConnection(targets[index % targets.length] as { host: string; port: number }),
  );
  let next = 0;

  function run(seconds: number): Promise<LoadReport> {
    const refused: Record<string, number> = {};
    const timesMs: number[] = [];
    let accepted = 0;
    let open = connections.length;
    const start = performance.now();
    const end = start + seconds * 1_000;
    const report = (): LoadReport => ({
      accepted,
      acceptedInAll: timesMs.length,
      refused,
      seconds,
      latency: percentiles(timesMs),
    });
    return new Promise((resolve) => {
      const sendNext = (connection: HttpConnection) => {
        const sentAt = performance.now();
        if (sentAt >= end) {
          open -= 1;
          if (open === 0) resolve(report());
          return;
        }
        connection.send(request(next++), (status) => {
          const now = performance.now();
          if (status < 200 || status > 299) refused[status] = (refused[status] ?? 0) + 1;
          else {
            timesMs.push(now - sentAt);
            if (now <= end) accepted += 1;
          }
          // Without an answer it may be that nobody is there: not at once again.
          if (status === 0) setTimeout(sendNext, 50, connection);
          else sendNext(connection);
        });
      };
      for (const connection of connections) sendNext(connection);
    });
  }

  return { run, close: () => connections.forEach((connection) => connection.close()) };
}
