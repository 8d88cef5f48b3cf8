import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { root } from '../paths.ts';
import { lintMetric } from './lint-metrics.ts';
import { metricsPage } from './metrics-page.ts';
import { allMetrics, apps, metricsOf } from './testing/app-metrics.ts';

const page = join(root, 'docs', 'metrics.md');

test('docs/metrics.md names every metric of the apps', async () => {
  const text = await format(metricsPage(allMetrics()), { ...(await resolveConfig(page)), filepath: page });
  expect(text).toContain('`bridge_webhooks_total`');
  await expect(text).toMatchFileSnapshot(page);
});

test('every metric has a help, base units and the ending of its type, and no label that may be an id', () => {
  const metrics = allMetrics();
  expect(metrics.length).toBeGreaterThan(60);
  expect(metrics.flatMap(lintMetric)).toEqual([]);
});

test('a metric of several apps is the same in each', () => {
  const declared = apps.flatMap((app) => metricsOf(app).list());
  const same = (one: object, other: object) => JSON.stringify(one) === JSON.stringify({ ...other, apps: undefined });
  const differing = allMetrics().filter((metric) =>
    declared.some((one) => one.name === metric.name && !same(one, metric)),
  );
  expect(differing).toEqual([]);
});

test.each([
  [{ name: 'bridge_waits' }, 'counter and does not end in _total'],
  [{ name: 'bridge_waits_total', type: 'gauge' }, 'no counter and ends in _total'],
  [{ name: 'bridge_waits_total', help: ' ' }, 'no help'],
  [{ name: 'bridge:waits_total' }, 'colon'],
  [{ name: 'bridge_wait_ms', type: 'gauge' }, 'base units'],
  [{ name: 'bridge_waitTime', type: 'gauge' }, 'snake_case'],
  [{ name: 'bridge_waits_counter_total' }, 'type'],
  [{ name: 'bridge_wait_count', type: 'gauge' }, 'histogram'],
  [{ name: 'bridge_waits_total', labelNames: ['conversation_id'] }, 'id'],
])('%o is found', (metric, fault) => {
  const good = { name: 'bridge_waits_total', type: 'counter', help: 'Waits.', labelNames: ['connection'] };
  expect(lintMetric(good)).toEqual([]);
  expect(lintMetric({ ...good, ...metric })).toEqual([expect.stringContaining(fault)]);
});
