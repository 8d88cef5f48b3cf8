import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { createConsumerMetrics, createDeadLetterMetrics, createPublishMetrics } from './shared-metrics.ts';

async function linesOf(metrics: ReturnType<typeof createMetrics>, pattern: RegExp): Promise<string[]> {
  return (await metrics.render()).body.split('\n').filter((line) => pattern.test(line));
}

test('a partition that went elsewhere leaves no series behind', async () => {
  const metrics = createMetrics('router');
  const movedAt = new Date('2026-11-23T12:00:00Z');
  const progress = new Map([
    [0, { lagRecords: 7, movedAt }],
    [3, { lagRecords: 0, movedAt }],
  ]);
  createConsumerMetrics(metrics, 't', () => progress);
  expect(await linesOf(metrics, /^bridge_consumer_/)).toEqual([
    'bridge_consumer_lag_records{topic="t",partition="0"} 7',
    'bridge_consumer_lag_records{topic="t",partition="3"} 0',
    'bridge_consumer_progress_timestamp_seconds{topic="t",partition="0"} 1795435200',
    'bridge_consumer_progress_timestamp_seconds{topic="t",partition="3"} 1795435200',
  ]);
  progress.delete(0);
  const left = await linesOf(metrics, /^bridge_consumer_/);
  expect(left).toHaveLength(2);
  expect(left.filter((line) => line.includes('partition="0"'))).toEqual([]);
});

test('dead letters are 0 from the start, for each reason, so that the first one is an increase', async () => {
  const metrics = createMetrics('router');
  const deadLettered = createDeadLetterMetrics(metrics, 't', { invalid: true, unroutable: true });
  const counted = () => linesOf(metrics, /^bridge_dead_letters_total/);
  expect(await counted()).toEqual([
    'bridge_dead_letters_total{topic="t",reason="invalid"} 0',
    'bridge_dead_letters_total{topic="t",reason="unroutable"} 0',
  ]);
  deadLettered('unroutable');
  expect(await counted()).toContain('bridge_dead_letters_total{topic="t",reason="unroutable"} 1');
});

test('a batch is counted with its size, and with how long the broker took', async () => {
  const metrics = createMetrics('ingress');
  const onBatch = createPublishMetrics(metrics);
  onBatch({ topic: 't', records: 3, seconds: 0.02, result: 'stored' });
  onBatch({ topic: 't', records: 1, seconds: 4, result: 'failed' });
  expect(await linesOf(metrics, /^bridge_publish_.*_(sum|count)/)).toEqual([
    'bridge_publish_duration_seconds_sum{topic="t",result="stored"} 0.02',
    'bridge_publish_duration_seconds_count{topic="t",result="stored"} 1',
    'bridge_publish_duration_seconds_sum{topic="t",result="failed"} 4',
    'bridge_publish_duration_seconds_count{topic="t",result="failed"} 1',
    'bridge_publish_batch_records_sum{topic="t"} 4',
    'bridge_publish_batch_records_count{topic="t"} 2',
  ]);
});
