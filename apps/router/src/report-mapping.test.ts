import type { ConsumedRecord } from '@bridge/kafka';
import { createLogger, createMetrics } from '@bridge/telemetry';
import { expect, test } from 'vitest';
import type { Mapping } from './map-inbound-record.ts';
import { createRouterMetrics } from './metrics.ts';
import type { Repetition } from './repeated-events.ts';
import { reportMapping } from './report-mapping.ts';

const routed = (repetition: Repetition): Mapping => {
  const event = { id: 'e', connection: 'acme', receivedAt: '2026-11-23T12:00:00.000Z' };
  return { kind: 'routed', received: { event, replays: 0 }, repetition, message: event, record: {} } as Mapping;
};

test('a message that is passed on is counted, and apart when it is suspected, or comes under an id that came before', async () => {
  const appMetrics = createMetrics('router');
  const metrics = createRouterMetrics(appMetrics, 'inbound-events');
  const log = createLogger({ name: 'router', level: 'silent', format: 'json' });
  const said: Repetition[] = ['first', 'first', 'suspected', 'suspected', 'changed'];
  for (const one of said) reportMapping(routed(one), {} as ConsumedRecord, { log, metrics });
  const { body } = await appMetrics.render();
  const counts = body.split('\n').filter((line) => /^bridge_router_(?!.*_(bucket|sum))/.test(line));
  expect(counts).toEqual(
    expect.arrayContaining([
      'bridge_router_events_total{decision="routed"} 5',
      'bridge_router_duplicates_suspected_total 2',
      'bridge_router_messages_changed_total 1',
    ]),
  );
});
