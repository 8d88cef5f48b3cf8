import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

const ofKafkajs = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/crc32C/crc32C') as (
  bytes: Uint8Array,
) => number;

// RFC 3720, B.4.
test.each([
  ['32 bytes of zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 bytes ascending', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
])('%s have the checksum of the standard', (_what, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test('any bytes have the checksum that kafkajs gives them, also in the middle of others', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(9), (bytes, start) => {
      const end = Math.max(start, bytes.length - 1);
      expect(crc32c(bytes)).toBe(ofKafkajs(bytes));
      if (start <= end && end <= bytes.length)
        expect(crc32c(bytes, start, end)).toBe(ofKafkajs(bytes.subarray(start, end)));
    }),
  );
});
