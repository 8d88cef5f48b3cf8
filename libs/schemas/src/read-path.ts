import { rawNumberText } from './lossless-json.ts';
import type { Condition, Path } from './webhook-paths.ts';

/** Turns a value into what is wanted, or undefined where it is not usable; then the next path is tried. */
export type Accept<T> = (value: unknown) => T | undefined;

/** Longer than any real id: one that is longer is not used as an id, for it would be part of keys and headers. */
const maxIdLength = 512;

/** The first usable value that one of the paths leads to. */
export function firstHit<T>(from: unknown, paths: readonly Path[], accept: Accept<T>): T | undefined {
  for (const path of paths) {
    const { path: way, when } = typeof path === 'string' ? { path, when: undefined } : path;
    if (when !== undefined && !holds(from, when)) continue;
    const hit = accept(valueAt(from, way));
    if (hit !== undefined) return hit;
  }
  return undefined;
}

/** Whether a condition of the path table holds. */
export function holds(from: unknown, { path, is, above }: Condition): boolean {
  const value = valueAt(from, path);
  if (value === undefined) return false;
  const text = asText(value)?.toLowerCase();
  if (above !== undefined) return text !== undefined && Number(text) > above;
  return is !== undefined && is.some((wanted) => value === wanted || text === String(wanted));
}

/** Own properties only: no prototype's `constructor` is taken for a field. */
export function ownValue(of: unknown, key: string): unknown {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, key)) return undefined;
  return (of as Record<string, unknown>)[key];
}

function valueAt(from: unknown, path: string): unknown {
  let value = from;
  for (const name of namesOf(path)) {
    value = ownValue(value, name);
    if (value === undefined) return undefined;
  }
  return value;
}

/** The table's paths, taken apart once. */
const paths = new Map<string, readonly string[]>([['', []]]);

function namesOf(path: string): readonly string[] {
  const known = paths.get(path);
  if (known) return known;
  const names = path.split('.');
  paths.set(path, names);
  return names;
}

/** Text that is not empty; a number as its text, to the last digit. */
export const asText: Accept<string> = (value) => {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return Number.isFinite(value) ? String(value) : rawNumberText(value);
};

export const asString: Accept<string> = (value) => (typeof value === 'string' && value !== '' ? value : undefined);

export const asId: Accept<string> = (value) => {
  const text = asText(value);
  return text !== undefined && text.length <= maxIdLength ? text : undefined;
};

export const asSize: Accept<number> = (value) => {
  const size = Number(asText(value));
  return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
};

/** A list with something in it. */
export const asList: Accept<readonly unknown[]> = (value) =>
  Array.isArray(value) && value.length > 0 ? value : undefined;

/** A number that parseJson kept as text counts too: it has none of the fields that are looked for. */
export const asObject: Accept<object> = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
