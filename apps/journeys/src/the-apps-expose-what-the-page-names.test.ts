import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { journey } from './world/journey.ts';
import { commandRecord, resultsOf, sendCommand } from './world/send-commands.ts';

const world = journey({
  connections: { acme: {} },
  routing: { channels: {}, routes: [{ name: 'all', when: { kind: 'text' }, channel: 'triage' }] },
});
const apps = ['ingress', 'router', 'outbound'] as const;
const metricsOf = async (app: (typeof apps)[number]) => (await fetch(`${world.probes(app)}/metrics`)).text();
const named = (text: string, pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, name]) => name));
const valueOf = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length) ?? Number.NaN,
  );

it('every metric that the apps expose is on the page, and the other way round', async () => {
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const exposed = (await Promise.all(apps.map(metricsOf))).map((text) => named(text, /^# TYPE (\S+) /gm));
  const all = new Set(exposed.flatMap((names) => [...names]));
  // Without a spool ingress has nothing to say of one.
  const shown = [...named(page, /^\| `([a-z_0-9]+)`/gm)].filter((name) => !name?.includes('_spool'));
  expect(all).toEqual(new Set(shown));
  expect(all.size).toBeGreaterThan(60);
});

it('one conversation is measured from end to end, in both directions', async () => {
  const { names } = world.topics;
  const command = sendCommand({ connection: 'acme', conversation: '701', message: 'oi' });
  await world.topics.publish([commandRecord(names.sendCommands, command)]);
  await world.topics.until(names.sendResults, 'the result', (records) => resultsOf(records, command.id)[0]);
  await world.topics.until(names.channelMessages, 'the answer', (records) =>
    records.find(({ key }) => key === 'acme/701'),
  );

  await vi.waitFor(
    async () => {
      const [ingress = '', router = '', outbound = ''] = await Promise.all(apps.map(metricsOf));
      const values = {
        webhooks: valueOf(ingress, 'bridge_webhooks_total{connection="acme",outcome="accepted"}'),
        published: valueOf(ingress, `bridge_publish_batch_records_sum{topic="${names.inboundEvents}"}`),
        inFlight: valueOf(ingress, 'bridge_webhook_in_flight_requests'),
        routed: valueOf(router, 'bridge_router_events_total{decision="routed"}'),
        inbound: valueOf(router, 'bridge_inbound_end_to_end_seconds_count'),
        committed: valueOf(router, 'bridge_router_transactions_total{outcome="committed"}'),
        noDeadLetter: valueOf(router, `bridge_dead_letters_total{topic="${names.inboundEvents}",reason="unroutable"}`),
        sent: valueOf(outbound, 'bridge_outbound_attempts_total{connection="acme",verdict="sent",status="2xx"}'),
        outbound: valueOf(outbound, 'bridge_outbound_end_to_end_seconds_count{connection="acme"}'),
        waited: valueOf(outbound, 'bridge_outbound_limiter_wait_seconds_count{connection="acme"}'),
      };
      expect(values).toEqual({
        webhooks: 1,
        published: 1,
        inFlight: 0,
        routed: 1,
        inbound: 1,
        committed: 1,
        noDeadLetter: 0,
        sent: 1,
        outbound: 1,
        waited: 1,
      });
      for (const text of [router, outbound]) {
        const lags = [...text.matchAll(/^bridge_consumer_lag_records\{.*\} (\d+)$/gm)].map(([, lag]) => lag);
        expect(lags).toEqual(Array(4).fill('0'));
      }
    },
    { timeout: 30_000, interval: 200 },
  );
});
