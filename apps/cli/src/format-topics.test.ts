import { channelTopicSpec } from '@bridge/schemas';
import { describe, expect, it } from 'vitest';
import { formatChecked, formatCreated } from './format-topics.ts';

const topics = [channelTopicSpec('a.v1'), channelTopicSpec('b.v1')];

describe('the topics', () => {
  it('are told as created or there already', () => {
    expect(formatCreated(topics, ['b.v1'], { replication: 3, minInsync: 2 })).toEqual([
      'exists   a.v1',
      'created  b.v1 (12 partitions, replication 3, min.insync.replicas 2)',
    ]);
  });

  it('are told as right, missing, or different setting by setting', () => {
    const drifts = [
      { topic: 'a.v1', setting: 'retention.ms', expected: '604800000', found: '1000' },
      { topic: 'a.v1', setting: 'partitions', expected: '12', found: '1' },
    ];
    expect(formatChecked(topics, drifts)).toEqual([
      'drift    a.v1: retention.ms is 1000, must be 604800000',
      'drift    a.v1: partitions is 1, must be 12',
      'ok       b.v1',
    ]);
    const missing = { topic: 'b.v1', setting: 'topic', expected: 'exists', found: 'missing' };
    expect(formatChecked(topics, [missing])).toEqual(['ok       a.v1', 'missing  b.v1']);
  });
});
