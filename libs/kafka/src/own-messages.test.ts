import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { bytesOf, ownMessages } from './own-messages.ts';
import { decodeRecordBatches } from './wire/decode-record-batches.ts';
import { encodeRecordBatch } from './wire/encode-record-batch.ts';

const notIdempotent = { id: -1n, epoch: -1, firstSequence: -1, isTransactional: false };

async function fetched(...values: string[]): Promise<KafkaMessage[]> {
  const records = values.map((value) => ({ key: 'acme/501', value, headers: { one: '1', many: ['a', 'b'] } }));
  const batch = encodeRecordBatch(records, notIdempotent, 1_795_000_000_123);
  return (await decodeRecordBatches(batch, () => undefined)) as object[] as KafkaMessage[];
}

const contentOf = ({ offset, timestamp, key, value, headers }: KafkaMessage) => ({
  offset,
  timestamp,
  key,
  value,
  headers,
});
const blockOf = ({ value }: KafkaMessage) => value?.buffer;

test('they say the same, in memory of their own and no more of it than they need', async () => {
  const messages = await fetched('', 'ação', 'c'.repeat(500));
  const own = ownMessages(messages);
  expect(own.map(contentOf)).toEqual(messages.map(contentOf));
  expect(own.map(bytesOf)).toEqual(messages.map(bytesOf));
  expect(blockOf(own[0] as KafkaMessage)).not.toBe(blockOf(messages[0] as KafkaMessage));
  expect(blockOf(own[0] as KafkaMessage)?.byteLength).toBe(own.reduce((sum, one) => sum + bytesOf(one), 0));
});

test('as many share a block as have room in 8 KiB, and a larger one has its own', async () => {
  const sizes = [3_000, 3_000, 3_000, 20_000, 10, 10];
  const own = ownMessages(await fetched(...sizes.map((size) => 'x'.repeat(size))));
  const blocks = [...new Set(own.map(blockOf))];
  expect(own.map((one) => blocks.indexOf(blockOf(one)))).toEqual([0, 0, 1, 2, 3, 3]);
  expect(own.map(({ value }) => value?.length)).toEqual(sizes);
});

test('what kafkajs itself has read stays as it is, and counts as well', () => {
  const headers = { one: Buffer.from('1'), none: undefined };
  const message = { key: Buffer.from('k'), value: null, headers, offset: '7' } as object as KafkaMessage;
  expect(ownMessages([message])).toEqual([message]);
  expect(bytesOf(message)).toBe(1 + 'one1none'.length + 2 * 8);
});
