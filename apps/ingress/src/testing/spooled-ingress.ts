import type { KafkaClient } from '@bridge/kafka';
import { createMetrics } from '@bridge/telemetry';
import { createSpooledStore } from '../event-store.ts';
import { createSpool } from '../spool.ts';
import type { SpoolDatabase } from '../spool-database.ts';

/** What an ingress process does with events, with a spool, on whatever broker and disk. */
export async function startSpooledStore(options: { client: KafkaClient; database: SpoolDatabase; maxBytes?: number }) {
  const lines: string[] = [];
  const write = (_fields: object, message: string) => void lines.push(message);
  const log = { info: write, warn: write, error: write, fatal: write };
  const spool = createSpool(options.database, { folder: 'memory', maxBytes: options.maxBytes ?? 1 << 30, log });
  const metrics = createMetrics('ingress');
  const { store, parts } = createSpooledStore({ client: options.client, spool, metrics, log });
  for (const part of parts) await part.start?.();
  return {
    store,
    spool,
    lines,
    notReady: () => parts.map((part) => part.ready?.() ?? true).filter((answer) => answer !== true),
    /** The value of one series, as a scrape shows it. */
    async metric(series: string): Promise<number> {
      const line = (await metrics.render()).body.split('\n').find((one) => one.startsWith(`${series} `));
      return Number(line?.split(' ').at(-1) ?? Number.NaN);
    },
    async stop(deadline = new Date(Date.now() + 2_000)): Promise<void> {
      for (const part of parts.toReversed()) await part.stop?.({ deadline });
    },
  };
}
