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
