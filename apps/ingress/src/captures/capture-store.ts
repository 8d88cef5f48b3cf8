import type { Capture } from '@bridge/schemas';

const hourMs = 3_600_000;

type Kind = Pick<Capture, 'connection' | 'verdict' | 'shape'>;

export type CaptureStore = {
  /** Whether fewer than `limit` of its connection, verdict and shape are there. */
  wants(capture: Kind, limit: number): boolean;
  /** Keeps it, unless it is too large to be kept at all. Tells whether it did. */
  add(capture: Capture): boolean;
  /** The oldest first. */
  list(): Capture[];
  get(id: string): Capture | undefined;
  delete(id: string): boolean;
  /** How many there were. */
  clear(): number;
};

/**
 * Captured requests, in memory only: what people wrote is on no disk, and gone with the process or after `maxAgeMs`.
 * Beyond the bounds the oldest of the connection that holds the most goes, so that none takes another's place.
 */
export function createCaptureStore({
  maxBytes = 4 * 1_048_576,
  maxCaptures = 200,
  maxAgeMs = 24 * hourMs,
  now = () => Date.now(),
} = {}): CaptureStore {
  const held = new Map<string, Capture>();

  function dropOld(): void {
    for (const { id, at } of held.values()) if (now() - Date.parse(at) >= maxAgeMs) held.delete(id);
  }

  function list(): Capture[] {
    dropOld();
    return [...held.values()];
  }

  function add(capture: Capture): boolean {
    if (bytesOf(capture) > maxBytes) return false;
    held.set(capture.id, capture);
    while (held.size > maxCaptures || sum(list()) > maxBytes) held.delete(oldestOfTheLargest(list()));
    return true;
  }

  return {
    wants: (kind, limit) => list().filter((other) => isAlike(other, kind)).length < limit,
    add,
    list,
    get: (id) => list().find((capture) => capture.id === id),
    delete: (id) => held.delete(id),
    clear: () => {
      const count = list().length;
      held.clear();
      return count;
    },
  };
}

function isAlike(a: Kind, b: Kind): boolean {
  return a.connection === b.connection && a.verdict === b.verdict && a.shape === b.shape;
}

const sum = (captures: readonly Capture[]) => captures.reduce((bytes, capture) => bytes + bytesOf(capture), 0);

/** What it takes as text, near enough. */
function bytesOf({ headers, path, words, bodyBase64 }: Capture): number {
  const texts = [path, bodyBase64, ...words, ...headers.flat()];
  return texts.reduce((bytes, text) => bytes + text.length + 32, 500);
}

function oldestOfTheLargest(captures: readonly Capture[]): string {
  const byConnection = Map.groupBy(captures, ({ connection }) => connection);
  const [largest] = [...byConnection.values()].toSorted((a, b) => sum(b) - sum(a));
  return largest?.[0]?.id ?? '';
}
