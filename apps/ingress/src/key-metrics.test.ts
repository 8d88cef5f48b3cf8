import { createMetrics } from '@bridge/telemetry';
import { expect, test } from 'vitest';
import { createKeyMetrics } from './key-metrics.ts';
import { testConnection } from './testing/test-connection.ts';

test('each key tells when it verified last and when it expires, wherever it moves in the list', async () => {
  const ends = new Date('2026-12-01T00:00:00Z');
  let connection = testConnection({ verificationKeys: [{ key: 'first-key' }, { key: 'second-key', expiresAt: ends }] });
  const connections = [connection, testConnection({ id: 'other' })];
  const metrics = createMetrics('ingress');
  const keys = createKeyMetrics(metrics, () => connections);
  const scrape = async () => {
    const { body } = await metrics.render();
    return body.split('\n').filter((line) => /^bridge_(webhook_verified|verification_key_expires)_/.test(line));
  };
  const expires = (key: string) =>
    `bridge_verification_key_expires_timestamp_seconds{connection="acme",key="${key}"} ${ends.getTime() / 1_000}`;
  const verified = (key: string, seconds: number) =>
    `bridge_webhook_verified_timestamp_seconds{connection="acme",key="${key}"} ${seconds}`;

  expect(await scrape()).toEqual([expires('1')]);
  keys.verified(connection, 0, new Date(100_000));
  keys.verified(connection, 1, new Date(90_000));
  keys.verified(connection, 1, new Date(200_000));
  expect(await scrape()).toEqual([verified('0', 100), verified('1', 200), expires('1')]);

  connection = testConnection({
    verificationKeys: [{ key: 'new-key' }, { key: 'second-key', expiresAt: ends }, { key: 'first-key' }],
  });
  connections[0] = connection;
  expect(await scrape()).toEqual([verified('1', 200), verified('2', 100), expires('1')]);
  connections.shift();
  expect(await scrape()).toEqual([]);
});
