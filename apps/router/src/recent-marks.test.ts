import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { markOf, RecentMarks } from './recent-marks.ts';

const isKept = (marks: RecentMarks, text: string) => marks.has(markOf(text));

test('the time of a mark is the latest that was noted of it, and that of no other', () => {
  const marks = new RecentMarks();
  marks.note(markOf('one'), 1);
  marks.note(markOf('other'), 2);
  marks.note(markOf('one'), 3);
  marks.note(markOf('one'), 1);
  expect([marks.get(markOf('one')), marks.get(markOf('other')), marks.get(markOf('third'))]).toEqual([3, 2, undefined]);
  expect(marks.size).toBe(2);
});

test('marks are forgotten in the order in which they were noted last', () => {
  const marks = new RecentMarks(3);
  ['a', 'b', 'c', 'a', 'd'].forEach((text, time) => marks.note(markOf(text), time));
  expect(marks.oldest).toBe(1);
  marks.deleteOldest();
  marks.deleteOldest();
  expect(['a', 'b', 'c', 'd'].filter((text) => isKept(marks, text))).toEqual(['a', 'd']);
  expect(marks.oldest).toBe(3);
  for (let left = 3; left > 0; left -= 1) marks.deleteOldest();
  expect([marks.size, marks.oldest, isKept(marks, 'd')]).toEqual([0, undefined, false]);
});

/** A text, and the time that is noted of it; without one the oldest is deleted. */
const step = fc.option(fc.record({ text: fc.nat({ max: 30 }).map(String), time: fc.integer() }), {
  freq: 3,
  nil: undefined,
});

test('whatever is noted and deleted, it is what a Map would be', () => {
  fc.assert(
    fc.property(fc.nat({ max: 4 }), fc.array(step, { maxLength: 300 }), (room, steps) => {
      const marks = new RecentMarks(room);
      const map = new Map<string, number>();
      for (const noted of steps) {
        const [oldest] = map.keys();
        if (noted === undefined) {
          marks.deleteOldest();
          if (oldest !== undefined) map.delete(oldest);
        } else {
          const { text, time } = noted;
          marks.note(markOf(text), time);
          const latest = Math.max(time, map.get(text) ?? time);
          map.delete(text);
          map.set(text, latest);
        }
        expect([marks.size, marks.oldest]).toEqual([map.size, [...map.values()][0]]);
      }
      for (let number = 0; number <= 30; number += 1) {
        const text = String(number);
        expect([marks.get(markOf(text)), marks.has(markOf(text))]).toEqual([map.get(text), map.has(text)]);
      }
    }),
  );
});
