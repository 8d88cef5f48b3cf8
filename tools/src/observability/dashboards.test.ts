import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '../paths.ts';
import { createExpressionJudge } from './known-series.ts';
import { allMetrics } from './testing/app-metrics.ts';

const folder = join(root, 'observability');
const datasource = z.object({ type: z.literal('prometheus'), uid: z.literal('prometheus') });
const gridPos = z.object({ h: z.int(), w: z.int().max(24), x: z.int().max(23), y: z.int() });
const row = z.object({ id: z.int(), type: z.literal('row'), title: z.string().min(1), gridPos });
const panel = z.object({
  id: z.int(),
  type: z.enum(['timeseries', 'stat']),
  title: z.string().min(1),
  datasource,
  gridPos,
  targets: z.array(z.object({ refId: z.string(), datasource, expr: z.string(), legendFormat: z.string() })).min(1),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }),
});
const variable = z.object({
  name: z.string(),
  type: z.literal('query'),
  datasource,
  query: z.object({ query: z.string() }),
  multi: z.literal(true),
  includeAll: z.literal(true),
});
const dashboard = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.int(),
  panels: z.array(z.discriminatedUnion('type', [row, panel])).min(5),
  templating: z.object({ list: z.array(variable) }),
});

const files = globSync('grafana/dashboards/*.json', { cwd: folder }).toSorted();
const dashboards = files.map(
  (path) => [basename(path, '.json'), dashboard.parse(JSON.parse(readFileSync(join(folder, path), 'utf8')))] as const,
);
const yaml = (path: string): unknown => parse(readFileSync(join(folder, path), 'utf8'));
const recordedRule = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ record: z.string().optional() })) })),
});
const recorded = globSync('prometheus/rules/*.yml', { cwd: folder })
  .flatMap((path) => recordedRule.parse(yaml(path)).groups.flatMap(({ rules }) => rules))
  .flatMap(({ record }) => record ?? []);
const judge = createExpressionJudge(allMetrics(), recorded);

/** An expression as Prometheus is asked it. */
const asked = (expr: string) => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*');

test('there is one a direction, and an overview', () => {
  expect(dashboards.map(([name]) => name)).toEqual(['bridge-inbound', 'bridge-outbound', 'bridge-overview']);
});

describe.each(dashboards)('%s', (name, { uid, panels, templating: { list: variables } }) => {
  const targets = panels.flatMap((one) => (one.type === 'row' ? [] : one.targets));

  test('has its own id, and an own one for each panel, and no panel lies on another', () => {
    expect(uid).toBe(name);
    const ids = panels.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
    );
    expect(cells.length).toBe(new Set(cells).size);
  });

  test('asks only for what the apps have', () => {
    expect(targets.length).toBeGreaterThan(10);
    expect(targets.flatMap(({ expr }) => judge(asked(expr)))).toEqual([]);
    expect(judge(asked('rate(bridge_lag{topic=~"$topic"}[$__rate_interval])'))).toEqual(['no app has bridge_lag']);
  });

  test('can be narrowed down to connections and topics, and each choice is used', () => {
    expect(variables.map((one) => one.name)).toEqual(['connection', 'topic']);
    for (const { name: choice, query } of variables) {
      const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(query.query) ?? [];
      expect(judge(`${metric}{${label}="x"}`)).toEqual([]);
      expect(targets.filter(({ expr }) => expr.includes(`${choice}=~"$${choice}"`))).not.toEqual([]);
    }
  });
});

test('what the dashboards ask is what is provisioned', () => {
  const { datasources } = z
    .object({ datasources: z.array(z.object({ uid: z.string(), type: z.string(), url: z.string() })) })
    .parse(yaml('grafana/provisioning/datasources/prometheus.yml'));
  expect(datasources).toContainEqual({ uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090' });
});
