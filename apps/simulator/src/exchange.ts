import { setTimeout as pause } from 'node:timers/promises';
import express, { type Request, type Response } from 'express';
import type { RequestFault } from './faults.ts';

/** What goes back for a request; `reset` and `hang` are no answer at all. */
export type Answer = { status: number; body: unknown; headers?: Record<string, string> } | 'reset' | 'hang';

export const readRawBody = express.raw({ type: () => true, limit: '10mb' });

/** The exact bytes that came, with {@link readRawBody} before it. */
export function rawBody(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** Headers of the connection, which say nothing about the message. */
const dullHeaders = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'accept-encoding']);

/** The headers that matter to a reader of the journal. */
export function headersOf(request: Request): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => !dullHeaders.has(name))
      .map(([name, value]) => [name, String(value)]),
  );
}

/** The token of `Authorization: Bearer …`; undefined without one. */
export function bearerToken(request: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** Whether a request takes effect under the fault. */
export function takesEffect(fault: RequestFault | undefined): boolean {
  return fault === undefined || fault.kind === 'latency' || fault.accepts;
}

/** What goes back under the fault, where it would have been `usual`. */
export function answerUnder(fault: RequestFault | undefined, usual: Answer): Answer {
  if (fault === undefined || fault.kind === 'latency') return usual;
  if (fault.kind !== 'status') return fault.kind;
  return {
    status: fault.status ?? 500,
    body: fault.body ?? { message: `fault on demand: ${fault.status}` },
    ...(fault.retryAfter !== undefined && { headers: { 'retry-after': String(fault.retryAfter) } }),
  };
}

/** The status of an answer, null where there is none. */
export function statusOf(answer: Answer): number | null {
  return typeof answer === 'string' ? null : answer.status;
}

/** Sends the answer, after the fault's latency. */
export async function give(response: Response, answer: Answer, fault: RequestFault | undefined): Promise<void> {
  if (fault?.latencyMs) await pause(fault.latencyMs);
  if (answer === 'reset') response.socket?.resetAndDestroy();
  else if (answer !== 'hang') {
    response
      .status(answer.status)
      .set(answer.headers ?? {})
      .json(answer.body);
  }
}
