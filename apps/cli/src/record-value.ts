import type { ConsumedRecord } from '@bridge/kafka';
import { parseJson } from '@bridge/schemas';

/** What a record's value turned out to be. */
export type RecordValue =
  | { kind: 'json'; value: unknown }
  | { kind: 'text'; text: string }
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'null' };

export function recordValue({ value, rawValue }: ConsumedRecord): RecordValue {
  if (value === null || rawValue === null) return { kind: 'null' };
  // Bytes that are not UTF-8 were decoded with replacement marks; only then does encoding again give other bytes.
  if (!Buffer.from(value, 'utf8').equals(rawValue)) return { kind: 'bytes', bytes: rawValue };
  try {
    return { kind: 'json', value: parseJson(value) };
  } catch {
    return { kind: 'text', text: value };
  }
}
