import type { Metrics } from '@bridge/telemetry';
import type { IngressConnection } from './receive-webhook.ts';

/**
 * Of each verification key in force: when it verified last, and when it expires. A key is labelled by its place in
 * bridge.yaml, and keeps what is known of it when it moves there. `connections` is asked at each scrape.
 */
export function createKeyMetrics(metrics: Metrics, connections: () => Iterable<IngressConnection>) {
  let verifiedAt = new Map<string, number>();
  const nameOf = (connection: string, key: string) => `${connection} ${key}`;
  const labelNames = ['connection', 'key'] as const;

  function keysInForce() {
    return [...connections()].flatMap(({ id, verificationKeys }) =>
      verificationKeys.map(({ key, expiresAt }, index) => ({
        labels: { connection: id, key: String(index) },
        name: nameOf(id, key),
        expiresAt,
      })),
    );
  }

  metrics.gauge({
    name: 'bridge_webhook_verified_timestamp_seconds',
    help: 'When a verification key verified a webhook last, by its place in bridge.yaml; none since the start: no series.',
    labelNames,
    collect() {
      this.reset();
      const known = new Map<string, number>();
      for (const { labels, name } of keysInForce()) {
        const at = verifiedAt.get(name);
        if (at === undefined) continue;
        known.set(name, at);
        this.set(labels, at);
      }
      verifiedAt = known;
    },
  });
  metrics.gauge({
    name: 'bridge_verification_key_expires_timestamp_seconds',
    help: 'When a verification key expires, by its place in bridge.yaml; one that does not has no series.',
    labelNames,
    collect() {
      this.reset();
      for (const { labels, expiresAt } of keysInForce()) if (expiresAt) this.set(labels, expiresAt.getTime() / 1_000);
    },
  });

  return {
    /** `keyIndex` is the place of the key that fitted. */
    verified({ id, verificationKeys }: IngressConnection, keyIndex: number, at: Date): void {
      verifiedAt.set(nameOf(id, verificationKeys[keyIndex]?.key ?? ''), at.getTime() / 1_000);
    },
  };
}
