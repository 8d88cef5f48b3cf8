/** The middle of the numbers, or between the two in the middle; undefined when there are none. */
export function median(numbers: readonly (number | undefined)[]): number | undefined {
  const sorted = numbers.filter((one) => one !== undefined && Number.isFinite(one)).toSorted((a, b) => a! - b!);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : mean(sorted[middle - 1], sorted[middle]);
}

const mean = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined ? undefined : (one + other) / 2;
