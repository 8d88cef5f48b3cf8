import type { Consumer } from 'kafkajs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createOffsetCommitter } from './offset-committer.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** Of one partition, of which everything below `offset` may be committed. */
function committerOf(commitOffsets: Consumer['commitOffsets']) {
  const state = { partition: 0, offset: 0 };
  const consumer = { commitOffsets } as Consumer;
  const committer = createOffsetCommitter({ consumer, topic: 't', log, committable: () => [state] });
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  return { state, ...committer };
}

const t0 = (offset: string) => [{ topic: 't', partition: 0, offset }];

test('what moved is committed once, with what moved meanwhile; while nothing moves, no timer runs', async () => {
  const commits = vi.fn(async () => {});
  const { state, soon } = committerOf(commits);
  expect(vi.getTimerCount()).toBe(0);
  state.offset = 1;
  soon();
  state.offset = 2;
  soon();
  await vi.advanceTimersByTimeAsync(250);
  expect(commits.mock.calls).toEqual([[t0('2')]]);
  soon();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(commits).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a commit that fails is tried again', async () => {
  const commits = vi.fn(async () => {}).mockRejectedValueOnce(new Error('rebalancing'));
  const { soon } = committerOf(commits);
  soon();
  await vi.advanceTimersByTimeAsync(500);
  expect(commits.mock.calls).toEqual([[t0('0')], [t0('0')]]);
});

test.each([
  ['something had moved', true],
  ['nothing had', false],
])('once it was stopped, when %s, nothing is committed but what is asked for, and that once', async (_, hadMoved) => {
  const commits = vi.fn().mockRejectedValue(new Error('gone'));
  const { soon, stop, commit } = committerOf(commits);
  if (hadMoved) soon();
  stop();
  soon();
  await vi.advanceTimersByTimeAsync(500);
  expect(commits).not.toHaveBeenCalled();
  await commit();
  expect(commits).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});
