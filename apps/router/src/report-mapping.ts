import type { ConsumedRecord } from '@bridge/kafka';
import type { Logger } from '@bridge/telemetry';
import type { Mapping } from './map-inbound-record.ts';
import type { RouterMetrics } from './metrics.ts';

/** One counter and one log line for each record that was mapped; dead letters are warnings. */
export function reportMapping(
  mapping: Mapping,
  record: ConsumedRecord,
  { log, metrics }: { log: Logger; metrics: RouterMetrics },
): void {
  metrics.routed.inc({ decision: mapping.kind });
  if (mapping.kind !== 'routed' && mapping.kind !== 'repeated') metrics.deadLettered(mapping.kind);
  if (mapping.kind === 'routed' && mapping.repetition === 'suspected') metrics.duplicatesSuspected.inc();
  if (mapping.kind === 'routed' && mapping.repetition === 'changed') metrics.messagesChanged.inc();
  const place = { partition: record.partition, offset: record.offset };
  if (!('received' in mapping)) {
    log.warn({ ...place, error: mapping.error }, `${mapping.kind}: it is now a dead letter`);
    return;
  }
  const { id, connection } = mapping.received.event;
  if (mapping.kind === 'routed') {
    if (mapping.received.replays === 0) metrics.endToEndSeconds.observe(secondsSince(mapping.message.receivedAt));
    const { channel, route } = mapping.message;
    log.info({ ...place, event: id, connection, channel, route }, 'routed');
  } else if (mapping.kind === 'repeated') {
    log.info({ ...place, event: id, connection }, 'dropped: it came before');
  } else {
    log.warn({ ...place, event: id, connection, error: mapping.error }, `${mapping.kind}: it is now a dead letter`);
  }
}

/** Clocks of several machines differ a little: what took no time took at least none. */
const secondsSince = (time: string) => Math.max(0, Date.now() - Date.parse(time)) / 1_000;
