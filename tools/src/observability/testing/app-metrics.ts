import { createReloadReport } from '../../../../libs/config/src/reload/reload-report.ts';
import { createMetrics } from '../../../../libs/telemetry/src/index.ts';
import type { DeclaredMetric, Metrics } from '../../../../libs/telemetry/src/index.ts';
import { createKeyMetrics } from '../../../../apps/ingress/src/key-metrics.ts';
import * as ingress from '../../../../apps/ingress/src/metrics.ts';
import { createOutboundMetrics } from '../../../../apps/outbound/src/metrics.ts';
import { createRouterMetrics } from '../../../../apps/router/src/metrics.ts';

const noLog = { info: () => {}, error: () => {} };

/** As each app's main.ts does it; a journey holds this to what the processes answer. */
const declarations = {
  ingress(metrics: Metrics): void {
    ingress.createIngressMetrics(metrics, () => 0);
    ingress.createEventMetrics(metrics);
    ingress.createSpoolMetrics(metrics, 't', () => ({ records: 0, bytes: 0, setAside: 0 }) as never);
    ingress.createCaptureMetrics(metrics, () => []);
    createKeyMetrics(metrics, () => []);
  },
  router(metrics: Metrics): void {
    createRouterMetrics(metrics, 't').watch(() => new Map());
  },
  outbound(metrics: Metrics): void {
    const watched = { gates: () => [], unfinished: () => new Map(), progress: () => new Map() };
    createOutboundMetrics(metrics, 't').watch(watched);
  },
};

export type App = keyof typeof declarations;
export const apps = Object.keys(declarations) as App[];

/** The registry of an app, with all its metrics and no values. */
export function metricsOf(app: App): Metrics {
  const metrics = createMetrics(app);
  createReloadReport('bridge.yaml', { log: noLog, metrics });
  declarations[app](metrics);
  return metrics;
}

export type AppMetric = DeclaredMetric & { apps: App[] };

/** Every metric of the three apps, each once. */
export function allMetrics(): AppMetric[] {
  const all = new Map<string, AppMetric>();
  for (const app of apps) {
    for (const metric of metricsOf(app).list()) {
      all.set(metric.name, { ...metric, apps: [...(all.get(metric.name)?.apps ?? []), app] });
    }
  }
  return [...all.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
