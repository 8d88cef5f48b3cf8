import { pause, PublishError } from '@bridge/kafka';
import type { ConsumedRecord, LaneOutcome, OutgoingRecord, Publisher } from '@bridge/kafka';
import type { Logger } from '@bridge/telemetry';
import { deliverSendCommand } from './deliver-send-command.ts';
import type { Delivery, DeliveryContext } from './deliver-send-command.ts';
import { mapDelivery } from './map-delivery.ts';
import type { OutboundMetrics } from './metrics.ts';
import { readSendCommand } from './read-send-command.ts';
import type { ResultLedger } from './result-ledger.ts';

const isTooLarge = (error: unknown) => error instanceof PublishError && error.kind === 'too-large';

type Settled = Extract<Delivery, { kind: 'settled' }>;

const publishPauseMs = 1_000;

/**
 * Handles one record of send-commands: delivers it, stores its result and dead letter, reports. The record is done only
 * when both are stored, so that no command ends without a trace.
 */
export function createCommandHandler(parts: {
  delivery: DeliveryContext;
  ledger: ResultLedger;
  publisher: Publisher;
  topics: { sendResults: string; deadLetters: string };
  traceparent(incoming: string | undefined): string;
  log: Logger;
  metrics: OutboundMetrics;
}): (record: ConsumedRecord, signal: AbortSignal) => Promise<LaneOutcome> {
  const { delivery: context, ledger, publisher, topics, log } = parts;

  return async (record, signal) => {
    const firstFailedAt = context.now();
    const delivery = await deliver(record, signal);
    if (delivery.kind === 'abandoned') return 'abandoned';
    if (delivery.kind === 'already-settled') return 'done';
    const now = context.now();
    const traceparent = parts.traceparent(record.headers['traceparent']);
    const records = mapDelivery(delivery, record, { ...topics, traceparent, now, firstFailedAt });
    if (!(await store(records, signal))) return 'abandoned';
    learn(delivery, record);
    report(delivery, record);
    return 'done';
  };

  /** The same as will be read back from the results. */
  function learn({ identity }: Settled, { partition, key, offset, headers }: ConsumedRecord): void {
    if (identity.id === undefined) return;
    const replays = headers['x-dead-letter-replays'] ?? '0';
    ledger.learn({
      partition,
      key,
      headers: { 'x-command-offset': offset, 'x-command-replays': replays, ce_subject: identity.id },
    });
  }

  async function deliver(record: ConsumedRecord, signal: AbortSignal): Promise<Delivery> {
    try {
      return await deliverSendCommand(record, signal, context);
    } catch (error) {
      // A fault of ours: the command is kept as a dead letter, the conversation goes on.
      log.error({ partition: record.partition, offset: record.offset, err: error }, 'delivering failed unexpectedly');
      const deadLetter = { reason: 'internal-error', error: String(error) } as const;
      const read = readSendCommand(record);
      const identity = read.kind === 'command' ? read.command : read.identity;
      return { kind: 'settled', identity, outcome: 'failed', attempts: 0, reason: 'internal-error', deadLetter };
    }
  }

  /** False when it was stopped before the broker had them. */
  async function store(given: OutgoingRecord[], signal: AbortSignal): Promise<boolean> {
    let records = given;
    for (;;) {
      try {
        await publisher.publish(records);
        return true;
      } catch (error) {
        if (isTooLarge(error) && records.length > 0) {
          // Only a key or an id beyond all measure gets here. The dead letter, which its topic takes, is what remains.
          log.error({ error: String(error) }, 'a result is too large for its topic and is left out');
          records = records.filter(({ topic }) => topic === topics.deadLetters).slice(0, records.length - 1);
          if (records.length === 0) return true;
          continue;
        }
        if (signal.aborted) return false;
        log.warn({ error: String(error) }, 'a result waits to be stored');
        await pause(publishPauseMs, signal);
      }
    }
  }

  function report(delivery: Settled, record: ConsumedRecord): void {
    const { identity, outcome, attempts, status, reason, deadLetter } = delivery;
    const known = context.connections.has(identity.connection ?? '');
    const connection = known ? (identity.connection ?? '') : 'unknown';
    parts.metrics.results.inc({ connection, outcome });
    if (deadLetter) parts.metrics.deadLetters.inc({ reason: deadLetter.reason });
    const { partition, offset } = record;
    const fields = { partition, offset, command: identity.id, connection, outcome, attempts, status, reason };
    if (deadLetter) log.warn(fields, 'a send command is now a dead letter');
    else log.info(fields, 'settled');
  }
}
