import { createMetrics } from '@bridge/telemetry';
import { expect, test } from 'vitest';
import { createIngressMetrics } from './metrics.ts';

test('from its first request on a connection has been refused 0 times, so that the first refusal is an increase', async () => {
  const metrics = createMetrics('ingress');
  const { answered, came } = createIngressMetrics(metrics, () => 0);
  const series = async () =>
    (await metrics.render()).body.split('\n').filter((line) => line.startsWith('bridge_webhooks_total'));
  expect(await series()).toEqual([]);
  came();
  answered('acme', 'accepted', 0.01);
  expect((await series()).toSorted()).toEqual([
    'bridge_webhooks_total{connection="acme",outcome="accepted"} 1',
    'bridge_webhooks_total{connection="acme",outcome="body-shed"} 0',
    'bridge_webhooks_total{connection="acme",outcome="broker-timeout"} 0',
    'bridge_webhooks_total{connection="acme",outcome="broker-unavailable"} 0',
    'bridge_webhooks_total{connection="acme",outcome="internal-error"} 0',
    'bridge_webhooks_total{connection="acme",outcome="overloaded"} 0',
  ]);
  came();
  answered('acme', 'overloaded', 0.01);
  expect(await series()).toContain('bridge_webhooks_total{connection="acme",outcome="overloaded"} 1');
});

test('requests are under way from when they came until they are answered', async () => {
  const metrics = createMetrics('ingress');
  const { answered, came } = createIngressMetrics(metrics, () => 0);
  const underWay = async () => /^bridge_webhook_in_flight_requests (\d+)$/m.exec((await metrics.render()).body)?.[1];
  came();
  came();
  expect(await underWay()).toBe('2');
  answered(undefined, 'unknown-path', 0.01);
  expect(await underWay()).toBe('1');
});
