import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from '../world/answer-parent.ts';
import { percentiles } from '../measure/percentiles.ts';
import type { Percentiles } from '../measure/percentiles.ts';
import { sharedNowMs } from '../measure/shared-clock.ts';
import { readCall } from './read-call.ts';
import { createSequenceCheck } from './sequence-check.ts';
import type { SequenceReport } from './sequence-check.ts';

/** What the sink, which is every bot_url of the benchmark and a process of its own, is asked. */
export type SinkQuestion =
  | { kind: 'listen' }
  /** Begins anew. `slow` takes so long for the calls to one connection. */
  | { kind: 'reset'; latencyMs: number; slow?: { connection: string; latencyMs: number } }
  | { kind: 'report' }
  /** With how long the calls took since their messages were sent, where these tell that. */
  | { kind: 'final-report' };

export type SinkReport = SequenceReport & {
  port: number;
  /** By connection, those delivered. */
  deliveredTo: Record<string, number>;
  /** Bodies that are no call of a bot. */
  unreadable: number;
  latency?: Percentiles | undefined;
};

let behaviour: SinkQuestion & { kind: 'reset' } = { kind: 'reset', latencyMs: 0 };
let check = createSequenceCheck();
let deliveredTo: Record<string, number> = {};
let unreadable = 0;
let latenciesMs: number[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => void take(request, response, Buffer.concat(chunks)));
});
server.keepAliveTimeout = 65_000;

async function take(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const call = readCall(request.url ?? '', body);
  if (call === undefined) {
    unreadable += 1;
    response.writeHead(400).end();
    return;
  }
  const checkOfThisRun = check;
  const conversation = `${call.connection}/${call.conversation}`;
  if (check.arrived(conversation, call.sequence)) {
    deliveredTo[call.connection] = (deliveredTo[call.connection] ?? 0) + 1;
  }
  if (call.sentAtMs !== undefined) latenciesMs.push(sharedNowMs() - call.sentAtMs);
  const { latencyMs, slow } = behaviour;
  const waitMs = slow?.connection === call.connection ? slow.latencyMs : latencyMs;
  if (waitMs > 0) await sleep(waitMs);
  checkOfThisRun.answered(conversation);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 15 }).end('{"status":"ok"}');
}

async function listen(): Promise<void> {
  if (server.listening) return;
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
}

function reset(question: SinkQuestion & { kind: 'reset' }): void {
  behaviour = question;
  check = createSequenceCheck();
  deliveredTo = {};
  unreadable = 0;
  latenciesMs = [];
}

answerParent(async (question: SinkQuestion): Promise<SinkReport> => {
  if (question.kind === 'listen') await listen();
  if (question.kind === 'reset') reset(question);
  const { port } = server.address() as AddressInfo;
  const report = { ...check.report(), port, deliveredTo, unreadable };
  return question.kind === 'final-report' ? { ...report, latency: percentiles(latenciesMs) } : report;
});
