import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Attack } from './attack.ts';

/**
 * What a hostile client saw: the statuses of the answers, and how it ended. `hanging`: nobody answered, and nobody closed
 * the connection. `refused`: it could not even connect.
 */
export type Sighting = { statuses: number[]; ending: 'answered' | 'closed' | 'left' | 'hanging' | 'refused' };

/** Far longer than the server leaves anybody without an answer: 10 s for a request, and the time until it looks. */
const patienceMs = 60_000;

/** Does on a connection of its own what the attack says. Never rejects. */
export async function performAttack(port: number, attack: Attack): Promise<Sighting> {
  const { after = 'wait', answers = 1 } = attack;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const closed = Promise.withResolvers<'closed'>();
  socket.on('error', () => undefined).once('close', () => closed.resolve('closed'));
  if (!(await connects(socket))) return { statuses: [], ending: 'refused' };
  const reader = attack.deaf ? undefined : readAnswers(socket, answers);
  socket.once('end', () => closed.resolve('closed'));
  try {
    const over = Promise.race([closed.promise, reader?.enough ?? closed.promise]);
    await write(socket, attack.writes, over);
    if (after === 'vanish' || attack.deaf) return { statuses: reader?.statuses() ?? [], ending: 'left' };
    if (after === 'end') socket.end();
    const timer = new AbortController();
    const ending = await Promise.race([over, pause(patienceMs, 'hanging' as const, { signal: timer.signal })]);
    timer.abort();
    const statuses = reader?.statuses() ?? [];
    return { statuses, ending: ending === 'closed' && statuses.length > 0 ? 'answered' : ending };
  } finally {
    socket.resetAndDestroy();
  }
}

const connects = (socket: Socket) =>
  once(socket, 'connect').then(
    () => true,
    () => false,
  );

/** Until all is written, or nobody listens any more. */
async function write(socket: Socket, writes: Attack['writes'], over: Promise<unknown>): Promise<void> {
  let isOver = false;
  void over.then(() => (isOver = true));
  for (const one of writes) {
    if (isOver || !socket.writable) return;
    if (typeof one === 'number') await Promise.race([pause(one), over]);
    else if (!socket.write(one)) {
      await Promise.race([once(socket, 'drain').catch(() => undefined), over, pause(patienceMs)]);
    }
  }
}

/** No answer of ours has such a line in its body. */
const statusLine = /HTTP\/1\.1 (\d{3}) /g;

function readAnswers(socket: Socket, wanted: number) {
  let text = '';
  const enough = Promise.withResolvers<'answered'>();
  const statuses = () => [...text.matchAll(statusLine)].map(([, status]) => Number(status));
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    if (statuses().filter((status) => status >= 200).length >= wanted) enough.resolve('answered');
  });
  return { statuses, enough: enough.promise };
}
