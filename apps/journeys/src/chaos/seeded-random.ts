/** Random choices that a seed repeats. */
export type SeededRandom = {
  /** A whole number, both ends included. */
  integer(lowest: number, highest: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
};

/** Mulberry32, by Tommy Ettinger: small, and good enough to choose what breaks next. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;

  /** From 0 to below 1. */
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const integer = (lowest: number, highest: number) => lowest + Math.floor(next() * (highest - lowest + 1));
  return { integer, pick: (list) => list[integer(0, list.length - 1)] ?? list[0] };
}
