import type { Replication } from '@bridge/kafka';
import { CommandError } from './command-error.ts';

/**
 * What was asked for, else three copies as far as there are brokers, and one copy less than that to be in sync: so that
 * a single broker may be down and no record that was acknowledged is lost. Throws a usage error for what can't be.
 */
export function chooseReplication(
  asked: { replication?: number | undefined; minInsync?: number | undefined },
  brokers: number,
): Replication {
  const replication = asked.replication ?? Math.min(3, brokers);
  const minInsync = asked.minInsync ?? Math.max(1, replication - 1);
  if (replication > brokers) {
    const have = brokers === 1 ? 'only 1 broker' : `only ${brokers} brokers`;
    throw new CommandError(
      `--replication ${replication}: the cluster has ${have}; ask for at most ${brokers}`,
      'usage',
    );
  }
  if (minInsync > replication) {
    throw new CommandError(
      `--min-insync ${minInsync} is more than the ${replication} copies there are: nothing could ever be written`,
      'usage',
    );
  }
  return { replication, minInsync };
}
