import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { root } from '../paths.ts';
import { createExpressionJudge } from './known-series.ts';
import { allMetrics } from './testing/app-metrics.ts';

type Rule = { record?: string; alert?: string; expr: string; annotations?: Record<string, string> };
type RuleFile = { groups: { name: string; rules: Rule[] }[] };
type AlertTest = { eval_time: string; alertname: string; exp_alerts: unknown[] };
type TestFile = { rule_files: string[]; tests: { name: string; alert_rule_test: AlertTest[] }[] };

const read = (path: string): unknown => parse(readFileSync(path, 'utf8'));
const files = (folder: string) => globSync(`observability/prometheus/${folder}/*.yml`, { cwd: root }).toSorted();
const ruleFiles = files('rules').map((path) => read(join(root, path)) as RuleFile);
const tests = files('tests').flatMap((path) => (read(join(root, path)) as TestFile).tests);
const rules = ruleFiles.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const recorded = rules.flatMap(({ record }) => (record === undefined ? [] : [record]));
const alerts = rules.flatMap(({ alert, ...rule }) => (alert === undefined ? [] : [{ alert, ...rule }]));
const judge = createExpressionJudge(allMetrics(), recorded);

/** Seconds of a time as promtool has it: `1h30m`. */
const secondsOf = (time: string) =>
  [...time.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * { h: 3600, m: 60, s: 1 }[unit as 'h'],
    0,
  );

test('every rule parses, and asks only for metrics and labels that the apps have', () => {
  expect(rules.length).toBeGreaterThan(20);
  expect(rules.flatMap(({ expr }) => judge(expr))).toEqual([]);
});

test.each([
  ['rate(bridge_webhooks_total[5m])', []],
  ['rate(bridge_webhooks_total[5m)', [expect.stringContaining('<HERE>')]],
  ['sum by (connection) rate(', [expect.stringContaining('<HERE>')]],
  ['rate(bridge_webhoks_total[5m])', ['no app has bridge_webhoks_total']],
  ['bridge_webhooks_total{conection="acme"}', ['bridge_webhooks_total has no label conection']],
  ['bridge_webhook_duration_seconds', ['no app has bridge_webhook_duration_seconds']],
  ['bridge_webhook_duration_seconds_bucket{le="5"}', []],
  [`${recorded[0]}{direction="inbound"}`, []],
])('%s is judged', (expression, faults) => {
  expect(judge(expression)).toEqual(faults);
});

test.each(alerts.map((alert) => [alert.alert, alert] as const))(
  '%s has a page, and a test in which it fires and clears',
  (name, { annotations }) => {
    expect(annotations?.['runbook_url']).toBe(`docs/runbooks/${name}.md`);
    const page = readFileSync(join(root, 'docs', 'runbooks', `${name}.md`), 'utf8');
    expect(page.match(/^##? .*/gm)).toEqual([`# ${name}`, '## What it means', '## Look at', '## Do']);
    const clearsAfterFiring = tests.some(({ alert_rule_test: all }) => {
      const own = all
        .filter(({ alertname }) => alertname === name)
        .toSorted((a, b) => secondsOf(a.eval_time) - secondsOf(b.eval_time));
      const fires = own.findIndex(({ exp_alerts: expected }) => expected.length > 0);
      return fires > 0 && own.slice(fires).some(({ exp_alerts: expected }) => expected.length === 0);
    });
    expect(clearsAfterFiring).toBe(true);
  },
);

test('no page is left over, and all that the pages ask for exists', () => {
  const pages = globSync('docs/runbooks/*.md', { cwd: root });
  expect(pages.map((path) => path.replace(/^.*\/|\.md$/g, '')).toSorted()).toEqual(
    alerts.map(({ alert }) => alert).toSorted(),
  );
  const known = new Set(allMetrics().flatMap(({ name }) => [name, `${name}_bucket`, `${name}_count`]));
  const unknown = pages.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\bbridge_[a-z_]+\b(?!:)/g)].flatMap(([name]) =>
      known.has(name) ? [] : [`${path}: ${name}`],
    ),
  );
  expect(unknown).toEqual([]);
  const links = pages.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link ?? ''),
  );
  expect(links.filter((link) => !existsSync(join(root, 'docs', 'runbooks', link)))).toEqual([]);
});

test("the PrometheusRule of Kubernetes is made of the same rules; to make it anew: vitest's -u", async () => {
  const path = join(root, 'k8s', 'components', 'monitoring', 'prometheus-rule.yaml');
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'nicochat-bridge' },
    spec: { groups: ruleFiles.flatMap(({ groups }) => groups) },
  };
  const text = `# Made from observability/prometheus/rules, and held to it by tools/src/observability/rules.test.ts.\n${stringify(rule)}`;
  await expect(await format(text, { ...(await resolveConfig(path)), filepath: path })).toMatchFileSnapshot(path);
});
