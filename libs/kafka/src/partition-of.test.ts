import * as fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';
import { partitionOf } from './partition-of.ts';

// Computed with org.apache.kafka.common.utils.Utils.toPositive(Utils.murmur2(key)) % 12 of kafka-clients 4.3.1.
test.each([
  ['acme/501', 4],
  ['acme/contact/cliente-77', 10],
  ['demo/1', 10],
  ['acme/conversa%C3%A7%C3%A3o', 1],
  ['a', 4],
])('the key %j goes to partition %i of 12, as with the Java client', (key, partition) => {
  expect(partitionOf(key, 12)).toBe(partition);
});

test('any key goes where kafkajs sends it', () => {
  const partitioner = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.integer({ min: 1, max: 50 }), (bytes, count) => {
      const key = Buffer.from(bytes);
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
        partitionId,
        leader: 0,
        partitionErrorCode: 0,
        replicas: [],
        isr: [],
        offlineReplicas: [],
      }));
      expect(partitionOf(key, count)).toBe(
        partitioner({ topic: '', partitionMetadata, message: { key, value: null } }),
      );
    }),
  );
});
