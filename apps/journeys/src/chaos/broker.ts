import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalKafka } from '@bridge/tools/local-kafka';
import type { StartedKafka } from '@bridge/tools/local-kafka';
import { tellsOfForgottenEnd } from './forgotten-end.ts';
import { stopForAWhile } from './stop-for-a-while.ts';

/** The run's Kafka: the same ports and records before and after a restart. */
export type Broker = {
  start(): Promise<void>;
  /** By SIGTERM; waits for its end. */
  stop(): Promise<void>;
  /** By SIGKILL. */
  kill(): Promise<void>;
  /** Stops it by SIGSTOP; gives back how to wake it before its time. */
  pause(ms: number): () => void;
  /** Whether it ever forgot the end of a transaction. */
  hasForgotten(): boolean;
  remove(): void;
};

/** `port` and the one after it are the broker's and its controller's; clients come by `proxyPort`. */
export function createBroker(ports: { port: number; proxyPort: number; internalPort: number }): Broker {
  const dataDir = mkdtempSync(join(tmpdir(), 'bridge-chaos-kafka-'));
  const { port, ...behindProxy } = ports;
  let forgot = false;
  let kafka: StartedKafka | undefined;

  /** Before the next one begins a log of its own. */
  function readLog(): void {
    forgot ||= tellsOfForgottenEnd(readFileSync(join(dataDir, 'broker.log'), 'utf8'));
  }
  async function stop(): Promise<void> {
    const running = kafka;
    kafka = undefined;
    await running?.stop();
    if (running) readLog();
  }
  async function kill(): Promise<void> {
    if (kafka) process.kill(-kafka.processGroup, 'SIGKILL');
    await stop();
  }
  return {
    start: async () => void (kafka = await startLocalKafka({ port, dataDir, behindProxy })),
    stop,
    kill,
    pause: (ms) => (kafka ? stopForAWhile(-kafka.processGroup, ms) : () => {}),
    hasForgotten() {
      readLog();
      return forgot;
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
