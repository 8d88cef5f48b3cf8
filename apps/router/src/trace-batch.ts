import type { BatchPlan, ConsumedRecord } from '@bridge/kafka';
import { isTracing, startCommit, startProcess, startSend } from '@bridge/telemetry';
import type { TracedSpan } from '@bridge/telemetry';
import type { Mapping } from './map-inbound-record.ts';
import type { PlannedBatch } from './plan-batch.ts';

type TraceBatch = (records: ConsumedRecord[], planned: PlannedBatch) => BatchPlan;

/**
 * What traces a batch that was planned: each record in a span of its own, with one for the sending of what it leads to,
 * which carries that span's context; and the transaction in a span that links to all of them. A batch that is planned again is
 * traced again. While nothing is traced the plan is left as it is.
 */
export function createBatchTracer({ topic, groupId }: { topic: string; groupId: string }): TraceBatch {
  if (!isTracing()) return (_records, planned) => planned;
  return (records, planned) => {
    const handled = records.map((record, index) => {
      const span = startProcess(record, groupId);
      return { span, sent: describe(span, planned.mappings[index] as Mapping) };
    });
    const commit = startCommit(
      topic,
      groupId,
      handled.map(({ span }) => span),
    );
    const spans = [...handled.flatMap(({ span, sent }) => (sent ? [sent, span] : [span])), commit];
    return {
      ...planned,
      stored() {
        planned.stored();
        for (const span of spans) span.end();
      },
      failed() {
        for (const span of spans) {
          span.fail('transaction-failed');
          span.end();
        }
      },
    };
  };
}

/** Says what was decided, and starts the span of what is sent for it, if anything is. */
function describe(span: TracedSpan, mapping: Mapping): TracedSpan | undefined {
  span.set({
    'bridge.decision': mapping.kind,
    ...('known' in mapping && { 'bridge.connection': mapping.known.connection }),
  });
  if (mapping.kind === 'repeated') return undefined;
  if (mapping.kind !== 'routed') span.fail(mapping.kind);
  return startSend(mapping.record, span);
}
