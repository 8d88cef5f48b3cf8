import { PassingSet, PublishError } from '@bridge/kafka';
import type { Publisher } from '@bridge/kafka';
import type { Log } from '@bridge/service';
import type { EventRecord } from './map-inbound-events.ts';
import type { Spool } from './spool.ts';
import type { StoreEvents } from './webhook-handler.ts';

/** A call that the publisher has, and nobody else yet. */
type UnderWay = { records: EventRecord[]; withdrawal: AbortController; kept: PromiseWithResolvers<void> };

export type StoreOptions = {
  publisher: Pick<Publisher, 'publish' | 'tooLarge'>;
  spool: Pick<Spool, 'append' | 'isEmpty'>;
  log: Pick<Log, 'warn'>;
};

/**
 * Publishes while the spool is empty; else, and when that fails, appends to the spool. A call that fails takes with it
 * into the spool, in the order of their coming, all others that the publisher has and did not store yet: sent on, they
 * could come before it. What was stored all the same is there twice then, with the same event ids.
 */
export function storeInboundEvents({ publisher, spool, log }: StoreOptions): StoreEvents {
  const underWay = new PassingSet<UnderWay>();

  async function keep(records: EventRecord[]): Promise<void> {
    // Asked before it is kept: nobody could ever publish it.
    const refused = publisher.tooLarge(records);
    if (refused) throw refused;
    return spool.append(records);
  }

  function failed(call: UnderWay, error: unknown): void {
    // It is in the spool already, with another that failed.
    if (!underWay.has(call)) return;
    if (!(error instanceof PublishError) || error.kind === 'too-large') {
      underWay.delete(call);
      call.kept.reject(error);
      return;
    }
    log.warn({ requests: underWay.size, error: error.message }, 'what is not published goes to the spool');
    const calls = [...underWay];
    underWay.clear();
    for (const { records, withdrawal, kept } of calls) {
      withdrawal.abort();
      keep(records).then(kept.resolve, kept.reject);
    }
  }

  return async function store(records, { deadline }) {
    if (!spool.isEmpty()) return keep(records);
    const call: UnderWay = { records, withdrawal: new AbortController(), kept: Promise.withResolvers() };
    underWay.add(call);
    publisher.publish(records, { deadline, signal: call.withdrawal.signal }).then(
      () => {
        underWay.delete(call);
        call.kept.resolve();
      },
      (error: unknown) => failed(call, error),
    );
    return call.kept.promise;
  };
}
