import type { ConfigChange } from './config-change.ts';
import type { ConfigFault } from '../config-error.ts';

type Write = (fields: object, message: string) => void;

/** What of a logger is used; pino's has it. */
export type ReloadLog = { info: Write; error: Write };

/** What of an app's metrics is used. */
export type ReloadMetrics = {
  counter(options: { name: `bridge_${string}_total`; help: string; labelNames: 'outcome'[] }): {
    inc(labels: { outcome: 'applied' | 'refused' }): void;
  };
  gauge(options: { name: `bridge_${string}`; help: string }): { set(value: number): void };
};

/** Of a long list, so many are logged. */
const shown = 50;

/** Says what becomes of each reading of bridge.yaml: to the log, the metrics, and whoever asks for readiness. */
export function createReloadReport(path: string, { log, metrics }: { log: ReloadLog; metrics: ReloadMetrics }) {
  const reloads = metrics.counter({
    name: 'bridge_config_reloads_total',
    help: 'Changes of bridge.yaml and its secrets, by what became of them: applied, refused',
    labelNames: ['outcome'],
  });
  const isRefused = metrics.gauge({
    name: 'bridge_config_refused',
    help: '1 while bridge.yaml or a secret can not be used as it is now, and what was read before is in force',
  });
  const appliedAt = metrics.gauge({
    name: 'bridge_config_applied_timestamp_seconds',
    help: 'When the configuration that is in force was read',
  });
  let inForceSince: Date;
  let refusal: { text: string; since: Date } | undefined;

  function inForce(): void {
    inForceSince = new Date();
    appliedAt.set(inForceSince.getTime() / 1_000);
  }

  inForce();
  isRefused.set(0);
  return {
    /** @param change undefined when the files say what is in force anyway */
    applied(change?: ConfigChange): void {
      if (refusal && !change) log.info({ path }, 'bridge.yaml is again what is in force');
      refusal = undefined;
      isRefused.set(0);
      if (!change) return;
      reloads.inc({ outcome: 'applied' });
      inForce();
      log.info({ path, ...shortened(change) }, 'bridge.yaml was read again, and is in force');
    },
    /** Said once, however often the same is found. */
    refused(faults: ConfigFault[]): void {
      const lines = faults.map(({ where, message }) => `${where}: ${message}`);
      const text = lines.join('\n');
      if (refusal?.text === text) return;
      refusal = { text, since: refusal?.since ?? new Date() };
      isRefused.set(1);
      reloads.inc({ outcome: 'refused' });
      const counted = { faultCount: lines.length, faults: lines.slice(0, shown) };
      log.error({ path, ...counted }, 'bridge.yaml is refused: what was read before stays in force');
    },
    reread(connection: string): void {
      reloads.inc({ outcome: 'applied' });
      inForce();
      log.info({ connection }, 'the secrets of a connection were read again, and are in force');
    },
    failed(error: unknown): void {
      log.error({ err: error }, 'bridge.yaml could not be looked at');
    },
    note(): string | undefined {
      if (!refusal) return undefined;
      const [fault, ...others] = refusal.text.split('\n');
      const more = others.length > 0 ? `, and ${others.length} more` : '';
      return `refused since ${refusal.since.toISOString()}: ${fault}${more}. What was read at ${inForceSince.toISOString()} is in force`;
    },
  };
}

export type ReloadReport = ReturnType<typeof createReloadReport>;

function shortened(change: ConfigChange): object {
  return Object.fromEntries(
    Object.entries(change).map(([name, all]) => [
      name,
      all.length > shown ? [...all.slice(0, shown), `… ${all.length} in all`] : all,
    ]),
  );
}
