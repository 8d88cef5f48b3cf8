import { expect, test } from 'vitest';
import { createPartitionProgress } from './partition-progress.ts';

/** A clock that each question puts a second forward. */
function clock() {
  let seconds = 0;
  return () => new Date(1_000 * (seconds += 1));
}

const batch = (partition: number, first: number, highWatermark: number) => {
  return { partition, highWatermark: String(highWatermark), messages: [{ offset: String(first) }] };
};

test('the lag is what is not finished up to the end that the last fetch told', () => {
  const progress = createPartitionProgress(clock());
  progress.assign([0, 1]);
  expect(progress.read()).toEqual(
    new Map([
      [0, { lagRecords: 0, movedAt: new Date(1_000) }],
      [1, { lagRecords: 0, movedAt: new Date(2_000) }],
    ]),
  );
  progress.fetched(batch(1, 40, 100));
  expect(progress.read().get(1)).toEqual({ lagRecords: 60, movedAt: new Date(2_000) });
  progress.moved(1, 90);
  expect(progress.read().get(1)).toEqual({ lagRecords: 10, movedAt: new Date(3_000) });
  // Read again, after a take-over, for what is to be remembered of it.
  progress.fetched(batch(1, 20, 110));
  expect(progress.read().get(1)).toMatchObject({ lagRecords: 20 });
  progress.moved(1, 110);
  expect(progress.read().get(1)).toMatchObject({ lagRecords: 0 });
});

test('one that finishes others than the first gets on, and stays as far behind', () => {
  const progress = createPartitionProgress(clock());
  progress.assign([0]);
  progress.fetched(batch(0, 5, 8));
  progress.moved(0, 5);
  expect(progress.read().get(0)).toEqual({ lagRecords: 3, movedAt: new Date(2_000) });
});

test('a partition that went elsewhere is forgotten, whatever still ends of it', () => {
  const progress = createPartitionProgress(clock());
  progress.assign([0, 1]);
  progress.assign([1]);
  progress.moved(0, 5);
  progress.fetched(batch(0, 5, 8));
  expect([...progress.read().keys()]).toEqual([1]);
});
