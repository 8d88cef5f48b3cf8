import type { ConsumedRecord, HandleRecord, OutgoingRecord, Tenure } from '@bridge/kafka';
import { activeSpan, isTracing, traceIdOf } from '@bridge/telemetry';
import type { Logger } from '@bridge/telemetry';
import { deliverSendCommand } from './deliver-send-command.ts';
import type { Delivery, DeliveryContext } from './deliver-send-command.ts';
import { mapDelivery } from './map-delivery.ts';
import type { OutboundMetrics } from './metrics.ts';
import { readSendCommand } from './read-send-command.ts';
import type { ResultLedger } from './result-ledger.ts';

type Settled = Extract<Delivery, { kind: 'settled' }>;

const maxUnstored = 10_000;

/**
 * Handles one record of send-commands: delivers it, stores its result and dead letter, reports. The record is done only
 * when both are stored, so that no command ends without a trace. Once a command is sent, its conversation goes on while its
 * result is being stored, and waits for that before the next result: of each conversation one message at most is sent
 * beyond what has a result, and results come in order.
 */
export function createCommandHandler(parts: {
  delivery: DeliveryContext;
  ledger: ResultLedger;
  /** Stores what became of a command; false when it was no longer this process's before the broker had it. */
  store(records: OutgoingRecord[], tenure: Tenure): Promise<boolean>;
  topics: { sendResults: string; deadLetters: string };
  traceparent(incoming: string | undefined): string;
  log: Logger;
  metrics: OutboundMetrics;
}): HandleRecord {
  const { delivery: context, ledger, log } = parts;

  /** Settled, but not stored while the record was this process's: if it is so again, no other attempt is made. */
  const unstored = new Map<string, Settled>();

  const storeInOrder = createOrderedStore(parts.store);

  return async (record, tenure, goOn) => {
    const place = `${record.partition}@${record.offset}`;
    const delivery = await deliver(record, tenure, unstored.get(place));
    unstored.delete(place);
    if (delivery.kind === 'abandoned') return 'abandoned';
    if (delivery.kind === 'already-settled') return 'done';
    const traceparent = parts.traceparent(record.headers['traceparent']);
    const records = mapDelivery(delivery, record, { ...parts.topics, traceparent, now: context.now() });
    const stored = await storeInOrder(record, records, tenure, () => {
      // By then the ledger may be another tenure's, and the same record wait behind this one.
      if (tenure.ended.aborted) return;
      if (delivery.identity.id !== undefined) ledger.remember(record, delivery.identity.id);
      if (delivery.outcome === 'sent') goOn();
    });
    if (!stored) {
      keep(place, delivery);
      return 'abandoned';
    }
    report(delivery, record);
    return 'done';
  };

  function keep(place: string, delivery: Settled): void {
    const { id, connection, conversation } = delivery.identity;
    // Without the message itself.
    const identity = { ...(id && { id }), ...(connection && { connection }), ...(conversation && { conversation }) };
    unstored.set(place, { ...delivery, identity });
    const [oldest] = unstored.keys();
    if (unstored.size > maxUnstored && oldest !== undefined) unstored.delete(oldest);
  }

  async function deliver(record: ConsumedRecord, tenure: Tenure, earlier: Settled | undefined): Promise<Delivery> {
    try {
      if (earlier && ledger.judge(record, earlier.identity) !== 'settled') return earlier;
      return await deliverSendCommand(record, tenure, context);
    } catch (error) {
      // A fault of ours: the command is kept as a dead letter, the conversation goes on.
      log.error({ partition: record.partition, offset: record.offset, err: error }, 'delivering failed unexpectedly');
      const deadLetter = { reason: 'internal-error', error: String(error) } as const;
      const read = readSendCommand(record);
      const identity = read.kind === 'command' ? read.command : read.identity;
      return { kind: 'settled', identity, outcome: 'failed', attempts: 0, reason: 'internal-error', deadLetter };
    }
  }

  function report(delivery: Settled, record: ConsumedRecord): void {
    const { identity, outcome, attempts, status, deadLetter } = delivery;
    const known = context.connectionOf(identity.connection ?? '') !== undefined;
    const connection = known ? (identity.connection ?? '') : 'unknown';
    parts.metrics.results.inc({ connection, outcome });
    if (deadLetter) parts.metrics.deadLettered(deadLetter.reason);
    const { partition, offset } = record;
    if (!isReplay(record)) parts.metrics.endToEndSeconds.observe({ connection }, ageSeconds(record, context.now()));
    // Not the reason in words: it may quote the bot, or a key.
    const reason = deadLetter?.reason;
    if (isTracing()) describeSpan({ connection, outcome, attempts }, reason);
    const isRoutine = outcome === 'sent' && attempts === 1;
    if (isRoutine && !log.isLevelEnabled('debug')) return;
    // Without one the logger names the span's.
    const trace_id = traceIdOf(record.headers['traceparent']);
    const fields = {
      ...(trace_id && { trace_id }),
      partition,
      offset,
      command: identity.id,
      connection,
      outcome,
      attempts,
      status,
      reason,
    };
    if (deadLetter) log.warn(fields, 'a send command is now a dead letter');
    else log[isRoutine ? 'debug' : 'info'](fields, 'settled');
  }
}

/** Stores what became of the commands of a conversation one after the other; `onTurn` tells when it begins with this one. */
function createOrderedStore(store: (records: OutgoingRecord[], tenure: Tenure) => Promise<boolean>) {
  const storing = new Map<string, Promise<boolean>>();

  return async (
    { partition, key, offset }: ConsumedRecord,
    records: OutgoingRecord[],
    tenure: Tenure,
    onTurn: () => void,
  ): Promise<boolean> => {
    const conversation = `${partition}/${key ?? `@${offset}`}`;
    await storing.get(conversation);
    const stored = store(records, tenure);
    storing.set(conversation, stored);
    onTurn();
    try {
      return await stored;
    } finally {
      if (storing.get(conversation) === stored) storing.delete(conversation);
    }
  };
}

function describeSpan(
  about: { connection: string; outcome: string; attempts: number },
  error: string | undefined,
): void {
  const span = activeSpan();
  const attributes = Object.entries(about).map(([name, value]) => [`bridge.${name}`, value]);
  span?.set(Object.fromEntries(attributes) as Record<string, string | number>);
  if (error !== undefined) span?.fail(error);
}

const isReplay = ({ headers }: ConsumedRecord) => headers['x-dead-letter-replays'] !== undefined;

/** Kafka's clock may be a little ahead: what took no time took at least none. */
const ageSeconds = ({ timestampMs }: ConsumedRecord, now: Date) => Math.max(0, now.getTime() - timestampMs) / 1_000;
