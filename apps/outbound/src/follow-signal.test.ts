import { expect, test } from 'vitest';
import { createFollower } from './follow-signal.ts';

test('those that follow a signal abort with it, those that ended before and those of another do not', () => {
  const follow = createFollower();
  const [one, other] = [new AbortController(), new AbortController()];
  const [first, second, ended, another] = [one, one, one, other].map(({ signal }) => follow(signal));
  ended?.end();
  one.abort();
  const aborted = [first, second, ended, another].map((each) => each?.signal.aborted);
  expect(aborted).toEqual([true, true, false, false]);
  expect(follow(one.signal).signal.aborted).toBe(true);
});
