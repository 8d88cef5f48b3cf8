import type { DeadLetter, Place } from './dead-letter.ts';

/** A dead letter that says where it came from. */
export type RoutedLetter = DeadLetter & { origin: Place };

/** The partition that a record was read from, as text. */
export const laneOf = ({ topic, partition }: Pick<Place, 'topic' | 'partition'>) => `${topic}[${partition}]`;

/**
 * Finds the letter that a chain of failed replays began with: the record's own place in its conversation. A letter that
 * is not kept any more ends the chain.
 */
export function createLineage(letters: DeadLetter[]): (letter: RoutedLetter) => RoutedLetter {
  const byId = new Map(letters.map((letter) => [letter.id, letter]));

  return function firstOf(letter: RoutedLetter): RoutedLetter {
    const earlier = letter.replayOf === undefined ? undefined : byId.get(letter.replayOf);
    if (!earlier || !isRouted(earlier) || laneOf(earlier.origin) !== laneOf(letter.origin)) return letter;
    // Always true of what a replay wrote; a header that somebody made up must not lead in a circle.
    return earlier.origin.offset < letter.origin.offset ? firstOf(earlier) : letter;
  };
}

export const isRouted = (letter: DeadLetter): letter is RoutedLetter => letter.origin !== undefined;
