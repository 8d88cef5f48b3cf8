import { murmur2 } from './wire/murmur2.ts';

/** The partition of a key among `partitions`: murmur2 over its UTF-8 bytes, the same as Java's default partitioner. */
export function partitionOf(key: string | Buffer, partitions: number): number {
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
}
