import { readFileSync } from 'node:fs';
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type CounterConfiguration,
  type GaugeConfiguration,
  type HistogramConfiguration,
} from 'prom-client';
import { measureEventLoopLag } from './event-loop-lag.ts';

export type { Counter, Gauge, Histogram } from 'prom-client';

type Named<Configuration, Name extends string> = Omit<Configuration, 'name' | 'registers'> & { name: Name };

/** An app's own metrics. Names are `bridge_…`, with base units (`_seconds`, `_bytes`); labels carry neither ids nor raw paths. */
export type Metrics = {
  /** @throws Error when the name lacks the prefix or `_total`, or is taken. */
  counter: <L extends string>(options: Named<CounterConfiguration<L>, `bridge_${string}_total`>) => Counter<L>;
  /** `collect`, if given, runs at each scrape. @throws Error when the name lacks the prefix or is taken. */
  gauge: <L extends string>(options: Named<GaugeConfiguration<L>, `bridge_${string}`>) => Gauge<L>;
  /** `buckets` are upper bounds in the metric's unit. @throws Error when the name lacks the prefix or is taken. */
  histogram: <L extends string>(options: Named<HistogramConfiguration<L>, `bridge_${string}`>) => Histogram<L>;
  /** All metrics in Prometheus' text format, with the media type to answer with. */
  render: () => Promise<{ contentType: string; body: string }>;
  /** Each metric as it was declared, in the order of its name. */
  list: () => DeclaredMetric[];
};

export type DeclaredMetric = { name: string; type: string; help: string; labelNames: string[] };

/** Gauges that prom-client names like counters; what they count, by kind, is in those without `_total`. */
const misnamed = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];
/** The longest that a timer of Node may take. */
const neverMs = 2 ** 31 - 1;

/**
 * The metrics of one app, in a registry of its own: the process' and the runtime's (`process_…`, `nodejs_…`),
 * `bridge_build_info{app, version, node_version}` and what the app adds.
 */
export function createMetrics(app: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: neverMs });
  measureEventLoopLag(registry);
  for (const name of misnamed) registry.removeSingleMetric(name);
  const registers = [registry];
  const metrics: Metrics = {
    counter: (options) =>
      new Counter({ ...options, name: checked(options.name, /^bridge_[a-z0-9_]+_total$/), registers }),
    gauge: (options) => new Gauge({ ...options, name: checked(options.name, /^bridge_[a-z0-9_]+$/), registers }),
    histogram: (options) =>
      new Histogram({ ...options, name: checked(options.name, /^bridge_[a-z0-9_]+$/), registers }),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    list: () => listed(registry),
  };
  metrics
    .gauge({
      name: 'bridge_build_info',
      help: 'What runs here; always 1.',
      labelNames: ['app', 'version', 'node_version'],
    })
    .set({ app, version: productVersion(), node_version: process.version }, 1);
  return metrics;
}

function listed(registry: Registry): DeclaredMetric[] {
  // prom-client's types leave out what every metric has.
  const all = registry.getMetricsAsArray() as unknown as (DeclaredMetric & { constructor: { name: string } })[];
  return all
    .map(({ name, help, labelNames, constructor }) => ({
      name,
      type: constructor.name.toLowerCase(),
      help,
      labelNames,
    }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function checked(name: string, pattern: RegExp): string {
  if (!pattern.test(name)) throw new Error(`The metric name "${name}" must match ${pattern.source}`);
  return name;
}

function productVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return manifest !== null && typeof manifest === 'object' && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
