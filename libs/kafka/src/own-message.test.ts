import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { ownMessage } from './own-message.ts';

/** As kafkajs has it: slices of a fetched block. */
const block = Buffer.alloc(1 << 20, 'abcdefgh');
const slice = (start: number, length: number) => block.subarray(start, start + length);

test('it says the same, in memory of its own and no more of it than it needs', () => {
  const fetched = {
    key: slice(0, 3),
    value: slice(100, 5),
    headers: { one: slice(8, 2), several: [slice(16, 1), slice(24, 1)], text: 'x', none: undefined },
    offset: '7',
    timestamp: '1',
    attributes: 0,
  } as KafkaMessage;
  const { message, bytes } = ownMessage(fetched);
  expect(message).toEqual(fetched);
  expect(bytes).toBe(3 + 5 + 2 + 1 + 1 + 'oneseveraltextnone'.length);
  expect(message.value?.buffer.byteLength).toBe(12);
  expect(message.key?.buffer).toBe(message.value?.buffer);
});

test('without a key, a value and headers it is as it was', () => {
  const { message, bytes } = ownMessage({ key: null, value: null, offset: '7' } as KafkaMessage);
  expect(message).toMatchObject({ key: null, value: null, offset: '7' });
  expect(bytes).toBe(0);
});
