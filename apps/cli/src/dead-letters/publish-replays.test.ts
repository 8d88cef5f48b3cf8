import { describe, expect, it } from 'vitest';
import { letterOf } from './dead-letter.fixture.ts';
import { cut, rangesOf } from './publish-replays.ts';

describe('a list is cut', () => {
  const sized = (...sizes: number[]) => sizes.map((sizeBytes) => ({ sizeBytes }));
  it.each([
    ['not at all', sized(1, 2, 3), {}, [[1, 2, 3]]],
    ['by bytes', sized(4, 6, 1, 9, 2), {}, [[4, 6], [1, 9], [2]]],
    ['by number', sized(1, 1, 1, 1, 1), { count: 2 }, [[1, 1], [1, 1], [1]]],
    ['around what is too large', sized(1, 50, 1), {}, [[1], [50], [1]]],
    ['when it is empty', [], {}, []],
  ])('%s', (_how, list, limits, parts) => {
    const found = [...cut(list, { bytes: 10, ...limits })];
    expect(found.map((part) => part.map(({ sizeBytes }) => sizeBytes))).toEqual(parts);
  });
});

it('letters are read by the least ranges that hold them', () => {
  const letters = ['6@4', '2@0', '6@9', '6@5'].map((id) => letterOf(id, 1));
  expect(rangesOf(letters)).toEqual(
    new Map([
      [6, { from: 4n, to: 10n }],
      [2, { from: 0n, to: 1n }],
    ]),
  );
});
