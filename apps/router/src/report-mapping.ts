import type { ConsumedRecord } from '@bridge/kafka';
import { traceIdOf } from '@bridge/telemetry';
import type { Logger } from '@bridge/telemetry';
import type { Mapping } from './map-inbound-record.ts';
import type { RouterMetrics } from './metrics.ts';

/** One counter and one log line for each record that was mapped: the usual ones for `debug`; dead letters are warnings. */
export function reportMapping(
  mapping: Mapping,
  record: ConsumedRecord,
  { log, metrics }: { log: Logger; metrics: RouterMetrics },
): void {
  metrics.routed.inc({ decision: mapping.kind });
  if (mapping.kind !== 'routed' && mapping.kind !== 'repeated') metrics.deadLettered(mapping.kind);
  if (mapping.kind === 'routed') measure(mapping, metrics);
  const isRoutine = mapping.kind === 'routed' && mapping.repetition === 'first';
  if (isRoutine && !log.isLevelEnabled('debug')) return;
  const { partition, offset, headers } = record;
  const trace_id = traceIdOf(headers['traceparent']);
  // Without one the logger names the span's.
  const place = { ...(trace_id && { trace_id }), partition, offset };
  if (!('known' in mapping)) {
    log.warn({ ...place, error: mapping.error }, `${mapping.kind}: it is now a dead letter`);
    return;
  }
  const { id, connection } = mapping.known;
  if (mapping.kind === 'routed') {
    // As it was configured: made of ids, a channel may hold a phone number.
    const { repetition, route, template: channel } = mapping;
    log[isRoutine ? 'debug' : 'info']({ ...place, event: id, connection, channel, route, repetition }, 'routed');
  } else if (mapping.kind === 'repeated') {
    log.info({ ...place, event: id, connection }, 'dropped: it came before');
  } else {
    log.warn({ ...place, event: id, connection, error: mapping.error }, `${mapping.kind}: it is now a dead letter`);
  }
}

function measure(
  { known, repetition }: Extract<Mapping, { kind: 'routed' }>,
  { duplicatesSuspected, messagesChanged, endToEndSeconds }: RouterMetrics,
): void {
  if (repetition === 'suspected') duplicatesSuspected.inc();
  if (repetition === 'changed') messagesChanged.inc();
  if (known.replays === 0) endToEndSeconds.observe(secondsSince(known.marks.receivedAt));
}

/** Clocks of several machines differ a little: what took no time took at least none. */
const secondsSince = (time: number) => Math.max(0, Date.now() - time) / 1_000;
