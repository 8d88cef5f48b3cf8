import type { Happening } from './timeline.ts';

/** A stop by SIGTERM, a member that joins or leaves, and a slow network explain nothing: they must repeat nothing. */
const innocent = new Set<Happening['name']>(['term', 'join', 'kafka-delay', 'bot-delay']);
/** The end of a process without leave. */
const ends = new Set<Happening['name']>(['kill', 'crash']);

/** What a cut left unanswered may lie in the socket of a busy bot, and be noted by it only after the cut is over. */
const lateReceiptMs = 1_000;

function overlaps({ name, from, to = Infinity }: Happening, since: number, until: number): boolean {
  return from <= until && to + (name.startsWith('bot-') ? lateReceiptMs : 0) >= since;
}

/**
 * What happened between two times, in milliseconds, that may make outbound send a message to the bot once more. When its
 * result was there already, that outbound was killed explains nothing: who comes after it reads the results first.
 */
export function explainRepeatedCall(
  happenings: readonly Happening[],
  { since, until, settledAt = Infinity }: { since: number; until: number; settledAt?: number | undefined },
): string[] {
  const isLate = until > settledAt + lateReceiptMs;
  const explains = (one: Happening) => !innocent.has(one.name) && !(isLate && ends.has(one.name));
  return namesOf(happenings.filter((one) => explains(one) && concernsOutbound(one) && overlaps(one, since, until)));
}

/**
 * What happened between two times, in milliseconds, by which the broker's answer to outbound may have been lost. A process
 * that sleeps past the answer's time limit finds it too late when it wakes up, and sends again.
 */
export function explainRepeatedResult(happenings: readonly Happening[], since: number, until: number): string[] {
  const losesAnswers = ({ name }: Happening) => /^(kafka-|broker-|stop$)/.test(name) && !innocent.has(name);
  return namesOf(happenings.filter((one) => losesAnswers(one) && concernsOutbound(one) && overlaps(one, since, until)));
}

/** Whether outbound was killed or stopped between two times: then it may take up again from an earlier command. */
export function outboundWasInterrupted(happenings: readonly Happening[], since: number, until: number): boolean {
  const interrupts = ({ name }: Happening) => name === 'stop' || ends.has(name);
  return happenings.some((one) => interrupts(one) && concernsOutbound(one) && overlaps(one, since, until));
}

const concernsOutbound = ({ member }: Happening) => member === undefined || member.startsWith('outbound');

const namesOf = (happenings: readonly Happening[]) => [
  ...new Set(happenings.map(({ name, member }) => (member === undefined ? name : `${name} of ${member}`))),
];
