import { hash } from 'node:crypto';
import type { ConsumedRecord } from '@bridge/kafka';
import { deadLetterHeaders, deadLetterHeadersSchema } from '@bridge/schemas';
import { recordIdentity } from '../record-identity.ts';
import type { RecordIdentity } from '../record-identity.ts';
import { recordValue } from '../record-value.ts';

/** Names the dead letter, `<partition>@<offset>`, that a record was replayed from. */
export const replayedFrom = 'x-dead-letter-id';

/** Where a record lies. */
export type Place = { topic: string; partition: number; offset: bigint };

/** A dead letter without its value: many of them fit into memory, and this is enough to decide what becomes of each. */
export type DeadLetter = {
  /** Where it lies among the dead letters: `<partition>@<offset>`. */
  id: string;
  partition: number;
  offset: bigint;
  /** When it became a dead letter. */
  timestampMs: number;
  key: string | null;
  identity: RecordIdentity;
  /** Where the record was read that was given up on; undefined when the headers do not say, and it cannot be replayed. */
  origin: Place | undefined;
  stage: string;
  reason: string;
  error: string;
  attempts: string;
  firstFailedAt: string;
  /** How often it was brought back before. */
  replays: number;
  /** The letter that this one is a failed replay of. */
  replayOf: string | undefined;
  sizeBytes: number;
  /** Of the value. */
  fingerprint: string;
};

export function deadLetterOf(record: ConsumedRecord): DeadLetter {
  const { partition, headers } = record;
  const header = (name: keyof typeof deadLetterHeaders) => headers[deadLetterHeaders[name]] ?? '?';
  return {
    id: `${partition}@${record.offset}`,
    partition,
    offset: BigInt(record.offset),
    timestampMs: record.timestampMs,
    key: record.key,
    identity: identityOf(record),
    origin: originOf(record),
    stage: header('stage'),
    reason: header('reason'),
    error: header('error'),
    attempts: header('attempts'),
    firstFailedAt: header('firstFailedAt'),
    replays: Number(headers[deadLetterHeaders.replays]) || 0,
    replayOf: headers[replayedFrom],
    sizeBytes: record.sizeBytes,
    fingerprint: hash('sha256', record.rawValue ?? '', 'base64'),
  };
}

/** By the key, which the letter has of its record; only a key that is not the bridge's sends us to the value. */
function identityOf(record: ConsumedRecord): RecordIdentity {
  const byKey = recordIdentity(record, undefined);
  if (byKey.connection !== undefined) return byKey;
  const value = recordValue(record);
  return recordIdentity(record, value.kind === 'json' ? value.value : undefined);
}

function originOf({ headers }: ConsumedRecord): Place | undefined {
  const read = deadLetterHeadersSchema.safeParse(headers);
  if (!read.success) return undefined;
  const { [deadLetterHeaders.topic]: topic, [deadLetterHeaders.partition]: partition } = read.data;
  return { topic, partition: Number(partition), offset: BigInt(read.data[deadLetterHeaders.offset]) };
}
