import { createMetrics } from '@bridge/telemetry';
import { expect, test } from 'vitest';
import { createOutboundMetrics, retryReason, statusClass } from './metrics.ts';
import type { Watched } from './metrics.ts';

test.each([
  [{ kind: 'again', status: 429, reason: '' }, '4xx', 'throttled'],
  [{ kind: 'again', status: 503, reason: '' }, '5xx', 'server-error'],
  [{ kind: 'again', status: 408, reason: '' }, '4xx', 'server-error'],
  [{ kind: 'again', reason: 'ECONNREFUSED' }, 'none', 'not-sent'],
  [{ kind: 'lost', reason: 'no answer in time' }, 'none', 'lost-answer'],
  [{ kind: 'refused-key', status: 401, reason: '' }, '4xx', 'refused-key'],
] as const)('an attempt that ended with %o is counted under %s, and its retry as %s', (verdict, status, reason) => {
  expect([statusClass(verdict), retryReason(verdict)]).toEqual([status, reason]);
});

test('a connection or a partition that is gone leaves no series behind', async () => {
  const metrics = createMetrics('outbound');
  const watched = {
    gates: () => [{ connection: 'acme', state: 'half-open', waiting: 3, inFlight: 1 }],
    unfinished: () => new Map([[5, { records: 12, bytes: 3_456 }]]),
    progress: () => new Map([[5, { lagRecords: 9, movedAt: new Date(60_000) }]]),
  } satisfies Watched;
  const now: Watched = { ...watched };
  createOutboundMetrics(metrics, 't').watch({
    gates: () => now.gates(),
    unfinished: () => now.unfinished(),
    progress: () => now.progress(),
  });
  const series = async () =>
    (await metrics.render()).body.split('\n').filter((line) => /^bridge_.*="(5|acme)"/.test(line));
  expect((await series()).toSorted()).toEqual([
    'bridge_consumer_lag_records{topic="t",partition="5"} 9',
    'bridge_consumer_progress_timestamp_seconds{topic="t",partition="5"} 60',
    'bridge_outbound_breaker_open{connection="acme"} 1',
    'bridge_outbound_in_flight_requests{connection="acme"} 1',
    'bridge_outbound_unfinished_bytes{partition="5"} 3456',
    'bridge_outbound_unfinished_commands{partition="5"} 12',
    'bridge_outbound_waiting_commands{connection="acme"} 3',
  ]);
  now.gates = () => [];
  now.unfinished = now.progress = () => new Map();
  expect(await series()).toEqual([]);
});
