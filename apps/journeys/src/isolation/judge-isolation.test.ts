import { expect, it } from 'vitest';
import { judgeIsolation } from './judge-isolation.ts';
import type { TwinRun, WorldRun } from './judge-isolation.ts';

const bad = { from: 0, to: 100_000 };
const after = { from: 100_000, to: 200_000 };

/** A hundred commands of a good connection, one a second, and one of the bad one that takes for ever. */
function world({ tookMs = 20, residentMiB = 100, count = 100 } = {}): WorldRun {
  const good = Array.from({ length: count }, (_, index) => index * 1_000);
  const timings = [
    ...good.map((sentAt) => ({ connection: 'company-2', sentAt, settledAt: sentAt + tookMs })),
    { connection: 'company-1', sentAt: 0, settledAt: 150_000 },
  ];
  const sample = {
    at: 0,
    residentMiB,
    heapMiB: 50,
    externalMiB: 10,
    unfinished: 1_024,
    fullestWindow: 300,
    openBreakers: 1,
  };
  return { account: { violations: [], timings, deadLetters: [] }, samples: [sample] };
}
const judge = (changes: Partial<TwinRun>) =>
  judgeIsolation({ faulty: world(), healthy: world(), bad, after, ...changes });

it('nothing is said when the good ones fared as in the healthy world, whatever the bad one took', () => {
  expect(judge({ faulty: world({ tookMs: 30, residentMiB: 180 }) })).toEqual([]);
});

it.each([
  [{ tookMs: 31 }, ["p99 of the good ones was 1.55 × the healthy world's"]],
  [{ count: 94 }, ["the good ones had 0.940 × the healthy world's results"]],
  [{ residentMiB: 185 }, ['outbound took 85 MiB more than in the healthy world, with 1024 commands waiting']],
])('%j is said', (change, said) => {
  expect(judge({ faulty: world(change) })).toEqual(said);
});

it('a run in which nothing was sent shows nothing', () => {
  expect(judge({ faulty: world({ count: 0 }), healthy: world({ count: 0 }) })).toHaveLength(2);
});

it('what was lost or out of order is said of both worlds', () => {
  const violation = { hop: 'send-commands → send-results', fault: 'lost', detail: 'c-1 has no result' } as const;
  const broken = { ...world(), account: { ...world().account, violations: [violation] } };
  expect(judge({ faulty: broken, healthy: broken })).toEqual([
    'faulty world: send-commands → send-results: lost: c-1 has no result',
    'healthy world: send-commands → send-results: lost: c-1 has no result',
  ]);
});
