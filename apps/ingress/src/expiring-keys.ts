import type { BridgeConfigWatch } from '@bridge/config';
import type { Log } from '@bridge/service';
import type { IngressConnection } from './receive-webhook.ts';

const soonMs = 7 * 24 * 3_600_000;

/** Says now, and whenever the configuration changes, which connections will soon have no key. */
export function warnOfExpiringKeys(
  config: Pick<BridgeConfigWatch<'verificationKeys'>, 'current' | 'onChange'>,
  log: Log,
): void {
  const warn = () => {
    const expiring = expiringKeys(config.current().connections.values(), new Date());
    if (expiring.length > 0) log.warn({ expiring }, 'connections have no verification key from then on');
  };
  config.onChange(warn);
  warn();
}

/** The connections that have no key any more within a week, and when their last one expires, the first to end first. */
export function expiringKeys(
  connections: Iterable<IngressConnection>,
  now: Date,
): { connection: string; expiresAt: Date }[] {
  return [...connections]
    .flatMap(({ id, signature, verificationKeys }) => {
      const ends = verificationKeys.map(({ expiresAt }) => expiresAt?.getTime() ?? Infinity);
      const last = Math.max(...ends);
      const isSoon = signature.mode !== 'off' && last <= now.getTime() + soonMs;
      return isSoon ? [{ connection: id, expiresAt: new Date(last) }] : [];
    })
    .toSorted((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime());
}
