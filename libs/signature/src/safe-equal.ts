import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const comparisonKey = randomBytes(32);

/**
 * Compares two tokens in a time that tells neither where they differ nor how long the right one is.
 * An empty token equals nothing, not even another empty one: an unset secret must never match an unset parameter.
 */
export function safeEqual(a: string, b: string): boolean {
  return timingSafeEqual(hash(a), hash(b)) && a !== '' && b !== '';
}

/** Equal lengths for timingSafeEqual, under a key that nobody outside can guess. */
function hash(text: string): Buffer {
  return createHmac('sha256', comparisonKey).update(text).digest();
}
