import type { ConsumedRecord } from '@bridge/kafka';

/** A record as read from a topic, for tests. */
export function consumedRecord(
  value: string | Buffer | null,
  { key = 'acme/501', headers = {} }: { key?: string | null; headers?: Record<string, string> } = {},
): ConsumedRecord {
  const rawValue = value === null ? null : Buffer.from(value as string);
  return {
    topic: 'nicochat.inbound-events.v1',
    partition: 3,
    offset: '15',
    key,
    rawKey: key === null ? null : Buffer.from(key),
    value: rawValue?.toString('utf8') ?? null,
    rawValue,
    headers,
    rawHeaders: headers,
    timestampMs: Date.parse('2026-11-23T12:00:00.000Z'),
    sizeBytes: 0,
  };
}
