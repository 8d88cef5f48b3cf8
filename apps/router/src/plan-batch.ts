import type { BatchPlan, ConsumedRecord } from '@bridge/kafka';
import type { RefusedBy } from './channel-topics.ts';
import { mapInboundRecord } from './map-inbound-record.ts';
import type { Destinations, Mapping } from './map-inbound-record.ts';
import { remember, seenNothing } from './repeated-events.ts';
import type { SeenEvents } from './repeated-events.ts';
import type { RoutingRules } from './route-inbound-event.ts';

/** A plan, and what became of each record of the batch. */
export type PlannedBatch = BatchPlan & { mappings: Mapping[] };

/**
 * What a batch of one partition leads to, its order kept. What it has seen is remembered only once it is stored, so that
 * a batch that is planned again does not take itself for a repeat.
 */
export function planBatch(
  records: ConsumedRecord[],
  context: {
    rules: RoutingRules;
    seen: SeenEvents;
    destinations: Destinations;
    refusedBy: RefusedBy;
    now: Date;
    report(mapping: Mapping, record: ConsumedRecord): void;
  },
): PlannedBatch {
  const { seen, now, report } = context;
  const time = now.toISOString();
  const seenInBatch = seenNothing(records.length);
  const mappings = records.map((record) => {
    const mapping = mapInboundRecord(record, { ...context, time, seen: [seen, seenInBatch] });
    if ('known' in mapping) remember(mapping.known, mapping.repetition, seenInBatch);
    return mapping;
  });
  return {
    mappings,
    outgoing: mappings.flatMap((mapping) => ('record' in mapping ? [mapping.record] : [])),
    stored() {
      mappings.forEach((mapping, index) => {
        if ('known' in mapping) remember(mapping.known, mapping.repetition, seen);
        report(mapping, records[index] as ConsumedRecord);
      });
    },
  };
}
