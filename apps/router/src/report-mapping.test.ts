import type { ConsumedRecord } from '@bridge/kafka';
import { createLogger, createMetrics } from '@bridge/telemetry';
import { expect, test, vi } from 'vitest';
import type { Mapping } from './map-inbound-record.ts';
import { createRouterMetrics } from './metrics.ts';
import { markOf } from './recent-marks.ts';
import type { Repetition } from './repeated-events.ts';
import { reportMapping } from './report-mapping.ts';

const record = {
  partition: 3,
  offset: '7',
  headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
} as unknown as ConsumedRecord;

const routed = (repetition: Repetition): Mapping => ({
  kind: 'routed',
  known: {
    id: 'e',
    connection: 'acme',
    replays: 0,
    marks: { id: markOf('e/0'), body: markOf('acme//0'), receivedAt: Date.now() },
  },
  repetition,
  template: 'room-{conversation.id}',
  route: undefined,
  record: { topic: 'channel-messages', key: null, value: '', headers: { ce_subject: 'room-5511955501077' } },
});

test('a message that is passed on is counted, and apart when it is suspected, or comes under an id that came before', async () => {
  const appMetrics = createMetrics('router');
  const metrics = createRouterMetrics(appMetrics, 'inbound-events');
  const log = createLogger({ name: 'router', level: 'silent', format: 'json' });
  const said: Repetition[] = ['first', 'first', 'suspected', 'suspected', 'changed'];
  for (const one of said) reportMapping(routed(one), record, { log, metrics });
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

test('one line a record, with its trace: the usual ones for debug only', () => {
  const metrics = createRouterMetrics(createMetrics('router'), 'inbound-events');
  const log = createLogger({ name: 'router', level: 'silent', format: 'json' });
  const lines: unknown[] = [];
  const write = (level: string) => (fields: unknown) => void lines.push([level, fields]);
  for (const level of ['debug', 'info', 'warn'] as const) vi.spyOn(log, level).mockImplementation(write(level));
  const report = (mapping: Mapping) => reportMapping(mapping, record, { log, metrics });

  report(routed('first'));
  expect(lines).toEqual([]);
  vi.spyOn(log, 'isLevelEnabled').mockReturnValue(true);
  report(routed('first'));
  report(routed('suspected'));
  report({ ...routed('repeated'), kind: 'repeated' } as Mapping);
  report({ kind: 'invalid', error: 'no JSON', record: {} } as Mapping);
  const place = { trace_id: '0af7651916cd43dd8448eb211c80319c', partition: 3, offset: '7' };
  expect(lines).toMatchObject([
    ['debug', { ...place, event: 'e', connection: 'acme', channel: 'room-{conversation.id}' }],
    ['info', { ...place, event: 'e', connection: 'acme', repetition: 'suspected' }],
    ['info', { ...place, event: 'e', connection: 'acme' }],
    ['warn', { ...place, error: 'no JSON' }],
  ]);
  expect(JSON.stringify(lines)).not.toContain('5511955501077');
});
