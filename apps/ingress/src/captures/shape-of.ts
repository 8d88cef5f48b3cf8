import { createHash } from 'node:crypto';
import { deliveryDepth, parseJson, protocolWord } from '@bridge/schemas';

/** More than any message has; what lies beyond does not count. So a path is short, though a stranger may have written it. */
const maxPaths = 1_000;
const maxDepth = 32;
const maxKeyLength = 64;

export type Shape = { shape: string; words: string[] };

/**
 * What two requests of the same kind have in common: the names of their headers, and of their JSON the keys, types and
 * words, the elements of a list thrown together. So each kind of message is a shape of its own, whatever it says.
 */
export function shapeOf(headerNames: readonly string[], body: Buffer): Shape {
  const paths = new Set<string>();
  const words = new Set<string>();
  for (const { path, type, word } of fields(tryParse(body), [])) {
    if (paths.size === maxPaths) break;
    paths.add(`${path.join('.')}:${type}`);
    if (word !== undefined) words.add(`${path.join('.')}=${word}`);
  }
  const names = new Set(headerNames.map((name) => name.toLowerCase()));
  const whole = [names, paths, words].map((set) => [...set].toSorted());
  return {
    shape: createHash('sha256').update(JSON.stringify(whole)).digest('hex').slice(0, 8),
    words: [...words].toSorted().slice(0, 12),
  };
}

function tryParse(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'), { maxDepth: deliveryDepth });
  } catch {
    return undefined;
  }
}

type Field = { path: readonly string[]; type: string; word?: string | undefined };

function* fields(value: unknown, path: readonly string[]): Generator<Field> {
  if (Array.isArray(value)) {
    yield { path, type: 'list' };
    for (const element of path.length < maxDepth ? value : []) yield* fields(element, [...path, '[]']);
  } else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    yield { path, type: 'object' };
    for (const [key, inner] of path.length < maxDepth ? Object.entries(value) : []) {
      yield* fields(inner, [...path, key.slice(0, maxKeyLength)]);
    }
  } else {
    // A number that parseJson kept as text is an object too.
    const type = value === null ? 'null' : typeof value === 'object' ? 'number' : typeof value;
    yield { path, type, word: protocolWord(path.at(-1) ?? '', value) };
  }
}
