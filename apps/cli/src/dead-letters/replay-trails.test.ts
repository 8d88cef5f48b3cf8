import { describe, expect, it } from 'vitest';
import { letterOf, recordAt } from './dead-letter.fixture.ts';
import { learn, mayBeForgotten, startTrail } from './replay-trails.ts';

const range = (from: number, to: number) => ({ from: BigInt(from), to: BigInt(to) });

describe('where earlier replays are looked for:', () => {
  it.each([
    ['behind the first of the letters’ records', [7, 5, 9], range(0, 20), range(6, 20)],
    ['from the first record that is kept', [5], range(10, 20), range(10, 20)],
    ['nowhere, behind the last record', [19], range(0, 20), range(20, 20)],
    ['everywhere, in a topic that was made anew', [5, 40], range(0, 20), range(0, 20)],
  ])('%s', (_where, offsets, kept, read) => {
    const letters = offsets.map((offset) => letterOf('6@0', offset));
    expect(startTrail(letters, kept).read).toEqual(read);
  });
});

describe('whether a replay may be forgotten', () => {
  const died = Date.parse('2026-11-23T12:00:00Z');
  const minute = 60_000;
  it.each([
    ['no: the record itself is still there', 5, 5, died + minute, false],
    ['no: all that came after it is still there', 6, 5, died + minute, false],
    ['no: what was deleted is older than the letter', 50, 5, died - 11 * minute, false],
    ['perhaps: what was deleted may be younger, as far as clocks can be trusted', 50, 5, died - 9 * minute, true],
    ['perhaps: all was deleted', 50, 5, undefined, true],
    ['no: nothing was ever deleted', 0, 5, undefined, false],
  ])('%s', (_answer, keptFrom, offset, sinceMs, forgotten) => {
    const letter = letterOf('6@0', offset, { timestampMs: died });
    const trail = startTrail([letter], range(keptFrom, 100));
    if (sinceMs !== undefined) learn(trail, recordAt(keptFrom, { atMs: sinceMs }));
    learn(trail, recordAt(99, { atMs: died + 60 * minute }));
    if (sinceMs === undefined) trail.sinceMs = undefined;
    expect(mayBeForgotten(letter, trail)).toBe(forgotten);
  });
});
