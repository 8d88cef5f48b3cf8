import type { ConsumedRecord } from '@bridge/kafka';
import { stringifyJson } from '@bridge/schemas';
import type { RecordValue } from './record-value.ts';

/**
 * A record as one line of JSON. `value` is the parsed JSON (numbers as they were written), or the text when it is none,
 * or base64 with `"valueEncoding": "base64"` when it is not even UTF-8.
 */
export function formatRecordJson(record: ConsumedRecord, value: RecordValue): string {
  return stringifyJson({
    topic: record.topic,
    partition: record.partition,
    offset: Number(record.offset),
    timestamp: new Date(record.timestampMs).toISOString(),
    key: record.key,
    headers: record.headers,
    ...valueFields(value),
  });
}

function valueFields(value: RecordValue): { value: unknown; valueEncoding?: 'base64' } {
  if (value.kind === 'json') return { value: value.value };
  if (value.kind === 'text') return { value: value.text };
  if (value.kind === 'bytes') return { value: value.bytes.toString('base64'), valueEncoding: 'base64' };
  return { value: null };
}
