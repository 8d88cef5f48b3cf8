import { Partitioners } from 'kafkajs';

const partitioner = Partitioners.DefaultPartitioner();

/** The partition of a key among `partitions`: murmur2 over its UTF-8 bytes, the same as Java's default partitioner. */
export function partitionOf(key: string | Buffer, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    leader: 0,
    partitionErrorCode: 0,
    replicas: [],
    isr: [],
    offlineReplicas: [],
  }));
  return partitioner({ topic: '', partitionMetadata, message: { key, value: null } });
}
