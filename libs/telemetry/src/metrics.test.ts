import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test("an app's metrics come with the process', the runtime's and what runs", async () => {
  const { contentType, body } = await createMetrics('ingress').render();
  expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(body).toMatch(/^process_cpu_seconds_total \d/m);
  expect(body).toMatch(/^nodejs_eventloop_lag_seconds \d/m);
  expect(body).toMatch(
    new RegExp(
      `^bridge_build_info\\{app="ingress",version="\\d+\\.\\d+\\.\\d+",node_version="${process.version}"\\} 1$`,
      'm',
    ),
  );
});

test('counters, gauges and histograms show what was measured', async () => {
  const metrics = createMetrics('ingress');
  metrics
    .counter({ name: 'bridge_requests_total', help: 'Requests.', labelNames: ['outcome'] })
    .inc({ outcome: 'ok' }, 2);
  metrics.gauge({ name: 'bridge_waiting', help: 'Waiting.' }).set(7);
  metrics.histogram({ name: 'bridge_wait_seconds', help: 'Wait.', buckets: [0.1, 1] }).observe(0.5);
  const { body } = await metrics.render();
  expect(body.split('\n')).toEqual(
    expect.arrayContaining([
      'bridge_requests_total{outcome="ok"} 2',
      'bridge_waiting 7',
      'bridge_wait_seconds_bucket{le="0.1"} 0',
      'bridge_wait_seconds_bucket{le="1"} 1',
      'bridge_wait_seconds_sum 0.5',
    ]),
  );
});

test('a gauge may be asked at each scrape', async () => {
  const metrics = createMetrics('ingress');
  let waiting = 1;
  metrics.gauge({
    name: 'bridge_waiting',
    help: 'Waiting.',
    collect() {
      this.set(waiting);
    },
  });
  expect((await metrics.render()).body).toContain('bridge_waiting 1\n');
  waiting = 2;
  expect((await metrics.render()).body).toContain('bridge_waiting 2\n');
});

test('two apps in one process share nothing', async () => {
  const [one, other] = [createMetrics('one'), createMetrics('other')];
  one.counter({ name: 'bridge_requests_total', help: 'Requests.' }).inc();
  expect((await one.render()).body).toContain('bridge_requests_total 1\n');
  expect((await other.render()).body).not.toContain('bridge_requests_total');
});

test.each([
  ['counter', 'requests_total'],
  ['counter', 'bridge_requests'],
  ['counter', 'bridge_Requests_total'],
  ['gauge', 'waiting'],
  ['gauge', 'bridge_'],
  ['histogram', 'wait_seconds'],
  ['histogram', 'bridge-wait-seconds'],
] as const)('a %s may not be called %s', (type, name) => {
  const metrics = createMetrics('ingress');
  expect(() => metrics[type]({ name: name as `bridge_${string}_total`, help: 'Help.' })).toThrow(name);
});

test('each metric can be listed as it was declared', () => {
  const metrics = createMetrics('ingress');
  metrics.counter({ name: 'bridge_requests_total', help: 'Requests.', labelNames: ['outcome'] });
  const listed = metrics.list();
  const declared = { name: 'bridge_requests_total', type: 'counter', help: 'Requests.', labelNames: ['outcome'] };
  expect(listed).toContainEqual(declared);
  expect(listed.find(({ name }) => name === 'nodejs_gc_duration_seconds')).toMatchObject({ type: 'histogram' });
  // Gauges by the names of counters, as prom-client has them.
  expect(listed.filter(({ name, type }) => name.endsWith('_total') && type !== 'counter')).toEqual([]);
});
