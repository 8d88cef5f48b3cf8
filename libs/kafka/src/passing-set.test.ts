import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { PassingSet } from './passing-set.ts';

test('it has what came and did not leave, in the order of its coming', () => {
  const set = new PassingSet<number>();
  for (let one = 0; one < 1_000; one += 1) set.add(one);
  for (let one = 0; one < 1_000; one += 1) if (one % 100 !== 0) set.delete(one);
  set.delete(5_000);
  set.add(1_000);
  expect([...set]).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000]);
  expect([set.size, set.has(900), set.has(901)]).toEqual([11, true, false]);
  set.clear();
  expect([...set]).toEqual([]);
});

test('one may leave while all are gone through', () => {
  const set = new PassingSet<number>();
  for (let one = 0; one < 500; one += 1) set.add(one);
  const seen: number[] = [];
  for (const one of set) {
    seen.push(one);
    set.delete(one);
  }
  expect(seen).toHaveLength(500);
  expect(set.size).toBe(0);
});

const oldMegabytes = () =>
  (getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0) / 2 ** 20;

/** By how many megabytes the old generation grew, at most, while 120,000 things of half a kilobyte passed through. */
function growthBy(set: Pick<PassingSet<object>, 'add' | 'delete'>): number {
  const before = oldMegabytes();
  let growth = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const some = Array.from({ length: 1 + (round % 12) }, () => ({ content: Array.from({ length: 64 }, () => 0) }));
    for (const one of some) set.add(one);
    // Now and then they stay until they are in the old generation.
    if (round % 5_000 === 100) for (let more = 0; more < 100_000; more += 1) some.at(-1)?.content.with(0, more);
    for (const one of some) set.delete(one);
    growth = Math.max(growth, oldMegabytes() - before);
  }
  return growth;
}

test('what passed through is gone with the next scavenge, which it is not from a Set', () => {
  expect(growthBy(new PassingSet())).toBeLessThan(8);
  expect(growthBy(new Set<object>() as object as PassingSet<object>)).toBeGreaterThan(16);
});
