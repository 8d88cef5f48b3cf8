import { PassingSet } from '@bridge/kafka';

/** The memory for the bodies of all requests together. */
export type BodyBudget = {
  /** A larger body is refused whatever there is. */
  largestBytes: number;
  /** A share for one request. It begins to read now, and gives way to others first when it is the longest to do so. */
  open(onShed: () => void): BodyShare;
  usedBytes(): number;
};

export type BodyShare = {
  /** Takes so many bytes more. Where they do not fit, the shares that read longest are shed, perhaps this one: false. */
  take(bytes: number): boolean;
  /** The body is whole: from here on it gives way to nobody. */
  keep(): void;
  /** Gives everything back; more than once does no harm. */
  close(): void;
};

/** So many bodies of the largest size fit at once; of usual ones tens of thousands. */
const largestAtOnce = 64;

/**
 * Who reads longest gives way: honest bodies arrive within milliseconds, so that slow senders, however many, take the
 * memory from one another and not from them.
 */
export function createBodyBudget(largestBytes: number): BodyBudget {
  const limitBytes = largestAtOnce * largestBytes;
  let usedBytes = 0;
  /** Longest first: a set keeps the order in which it was filled. */
  const reading = new PassingSet<{ shed(): void }>();

  function open(onShed: () => void): BodyShare {
    let ownBytes = 0;
    const reader = {
      shed(): void {
        close();
        onShed();
      },
    };
    reading.add(reader);

    function take(bytes: number): boolean {
      ownBytes += bytes;
      usedBytes += bytes;
      for (const longest of reading) {
        if (usedBytes <= limitBytes) break;
        longest.shed();
      }
      return reading.has(reader);
    }

    function close(): void {
      reading.delete(reader);
      usedBytes -= ownBytes;
      ownBytes = 0;
    }

    return { take, keep: () => reading.delete(reader), close };
  }

  return { largestBytes, open, usedBytes: () => usedBytes };
}
