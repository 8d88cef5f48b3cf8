import { randomFillSync } from 'node:crypto';

/** Numbers from 0 to below 1 in steps of 1/256, as `ulid` wants them; randomness is fetched for many at once. */
export function createRandom(): () => number {
  const bytes = Buffer.alloc(4_096);
  let used = bytes.length;
  return () => {
    if (used === bytes.length) {
      randomFillSync(bytes);
      used = 0;
    }
    used += 1;
    return (bytes[used - 1] ?? 0) / 256;
  };
}
