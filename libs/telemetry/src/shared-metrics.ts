import type { Metrics } from './metrics.ts';

/** A batch of one partition that a broker answered for, or did not. */
type PublishedBatch = { topic: string; records: number; seconds: number; result: 'stored' | 'failed' };

/** How far a partition is behind, and when it last got further. */
type PartitionProgress = { lagRecords: number; movedAt: Date };

/** What of a publisher is measured: call the function once for each batch. */
export function createPublishMetrics(metrics: Metrics): (batch: PublishedBatch) => void {
  const durationSeconds = metrics.histogram({
    name: 'bridge_publish_duration_seconds',
    help: 'Time from sending a batch of records to the answer of the broker, by result: stored, failed.',
    labelNames: ['topic', 'result'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const batchRecords = metrics.histogram({
    name: 'bridge_publish_batch_records',
    help: 'Records that went to a partition together (group commit).',
    labelNames: ['topic'],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000],
  });
  return ({ topic, records, seconds, result }) => {
    durationSeconds.observe({ topic, result }, seconds);
    batchRecords.observe({ topic }, records);
  };
}

/** Of each partition of `topic` that is this process' now; `progress` is asked at each scrape. */
export function createConsumerMetrics(
  metrics: Metrics,
  topic: string,
  progress: () => Map<number, PartitionProgress>,
): void {
  const gauge = (name: `bridge_${string}`, help: string, value: (one: PartitionProgress) => number) =>
    metrics.gauge({
      name,
      help,
      labelNames: ['topic', 'partition'],
      collect() {
        // Partitions that went elsewhere leave no series behind.
        this.reset();
        for (const [partition, one] of progress()) this.set({ topic, partition }, value(one));
      },
    });
  gauge(
    'bridge_consumer_lag_records',
    'Records of a partition that are not finished, by what its last fetch told of its end.',
    ({ lagRecords }) => lagRecords,
  );
  gauge(
    'bridge_consumer_progress_timestamp_seconds',
    'When a record of a partition was last finished; before the first one, when the partition was assigned.',
    ({ movedAt }) => movedAt.getTime() / 1_000,
  );
}

/** Counts records of `topic` that became dead letters. `reasons` are all that there are: each is 0 from the start. */
export function createDeadLetterMetrics<Reason extends string>(
  metrics: Metrics,
  topic: string,
  reasons: Record<Reason, true>,
): (reason: Reason) => void {
  const deadLetters = metrics.counter({
    name: 'bridge_dead_letters_total',
    help: 'Records that became dead letters, by the topic they belong to and the reason.',
    labelNames: ['topic', 'reason'],
  });
  // A counter that begins with 1 has not increased, as Prometheus sees it: the first dead letter would raise no alert.
  for (const reason of Object.keys(reasons)) deadLetters.inc({ topic, reason }, 0);
  return (reason) => deadLetters.inc({ topic, reason });
}
