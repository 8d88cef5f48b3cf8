import { chunk, goodBody, request } from '../attack.ts';
import type { Attack, HostileKind, Target } from '../attack.ts';

/** A good webhook, signed or not, cut somewhere before its end. */
function beginning(target: Target): Buffer {
  const body = goodBody('never whole'.padEnd(target.random.pick([20, 2_000, 200_000]), '.'));
  const headers = target.random.integer(0, 1) === 0 ? target.signed(body) : {};
  const whole = request(target, { body, headers });
  return whole.subarray(0, target.random.integer(1, whole.length - 1));
}

/** In so many pieces, each after a pause. */
function dribble(bytes: Buffer, pieces: number, pauseMs: number): Attack['writes'] {
  const size = Math.ceil(bytes.length / pieces);
  return Array.from({ length: pieces }, (_, at) => [bytes.subarray(at * size, (at + 1) * size), pauseMs]).flat();
}

export const connections: HostileKind[] = [
  {
    name: 'slow headers',
    weight: 1,
    attack: (target) => {
      const lines = Array.from({ length: 100 }, (_, index) => `x-${index}: ${'a'.repeat(100)}`);
      const bytes = request(target, { lines, body: goodBody('slow') });
      return { writes: dribble(bytes.subarray(0, -60), 60, target.random.pick([20, 250])) };
    },
  },
  {
    name: 'slow bodies',
    weight: 1,
    attack: (target) => {
      const body = goodBody('slow'.padEnd(50_000, '.'));
      const bytes = request(target, { body, headers: target.signed(body) });
      return { writes: dribble(bytes.subarray(0, -1), 60, target.random.pick([20, 250])) };
    },
  },
  {
    name: 'whole in the end, but slow',
    weight: 1,
    attack: (target) => {
      const body = goodBody('slow and whole');
      return { writes: dribble(request(target, { body, headers: target.signed(body) }), 20, 50) };
    },
  },
  {
    name: 'half-closed before its end',
    weight: 10,
    attack: (target) => ({ writes: [beginning(target)], after: 'end' }),
  },
  {
    name: 'half-closed after its end',
    weight: 10,
    attack: (target) => {
      const body = goodBody('half-closed');
      return { writes: [request(target, { body, headers: target.signed(body) })], after: 'end' };
    },
  },
  { name: 'gone in the middle', weight: 10, attack: (target) => ({ writes: [beginning(target)], after: 'vanish' }) },
  {
    name: 'gone before the answer',
    weight: 10,
    attack: (target) => {
      const body = goodBody('gone');
      return { writes: [request(target, { body, headers: target.signed(body) })], after: 'vanish' };
    },
  },
  { name: 'connected, and gone', weight: 5, attack: () => ({ writes: [], after: 'vanish' }) },
  {
    name: 'many requests at once on one connection',
    weight: 5,
    attack: (target) => {
      const count = target.random.integer(2, 50);
      const writes = Array.from({ length: count }, (_, index) => {
        const body = goodBody(`pipelined ${index}`);
        return request(target, { body, headers: target.random.integer(0, 1) === 0 ? target.signed(body) : {} });
      });
      return { writes: [Buffer.concat(writes)], answers: count };
    },
  },
  {
    name: 'many requests, and no answer is read',
    weight: 1,
    attack: (target) => {
      const one = request(target, { method: 'GET' });
      return {
        writes: Array.from({ length: 20 }, () => [Buffer.concat(Array.from({ length: 200 }, () => one)), 10]).flat(),
        deaf: true,
      };
    },
  },
  {
    name: 'a large body in single bytes',
    weight: 1,
    attack: (target) => {
      const bytes = Buffer.concat(Array.from({ length: target.random.pick([1_000, 100_000]) }, () => chunk('x')));
      const headers = { 'transfer-encoding': 'chunked' };
      return { writes: [request(target, { headers, body: bytes }), '0\r\n\r\n'] };
    },
  },
  {
    name: 'chunks without an end',
    weight: 1,
    attack: (target) => ({
      writes: [
        request(target, { headers: { 'transfer-encoding': 'chunked' } }),
        ...Array.from({ length: 40 }, () => chunk('x'.repeat(65_536))),
      ],
      after: 'end',
    }),
  },
];
