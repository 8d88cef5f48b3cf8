import { formatLetter } from './format-dead-letter.ts';
import type { OvertakenConversation } from './overtaken-conversations.ts';
import type { ReplayPlan, SkipReason } from './plan-replay.ts';
import { printable } from '../printable.ts';

const reasonTexts = {
  replayed: 'replayed already',
  repeated: 'of the same record as another letter',
  'too-often': 'replayed too often (--max-replays)',
  forgotten:
    'older than what their topic keeps, so that nobody can tell whether they were replayed (--include-forgotten)',
  'no-way-back': 'without a place in inbound-events or send-commands to go back to',
  'beyond-max': 'left for later (--max)',
} satisfies Record<SkipReason, string>;

/** Of these each one is shown: somebody has to decide about it. The others are only counted. */
const shownReasons: SkipReason[] = ['too-often', 'no-way-back'];

/** The letters that are left out and will be left out again, a line each. */
export function formatSkipped(skipped: ReplayPlan['skipped']): string[] {
  return skipped
    .filter(({ reason }) => shownReasons.includes(reason))
    .map(({ letter, reason }) => `skipped, ${reasonTexts[reason]}: ${formatLetter(letter)}`);
}

/** The conversations that a replay comes too late for, if there are any. */
export function formatOvertaken(conversations: OvertakenConversation[]): string[] {
  if (conversations.length === 0) return [];
  const lines = conversations.map(({ key, letter, count, last }) => {
    const later = count === 1 ? '1 later command was sent' : `${count} later commands were sent`;
    return `  ${printable(key)}, ${letter.id}: ${later}, the last ${printable(last.commandId)} at ${last.at}`;
  });
  return ['In these conversations later commands were sent already; the replay comes after them:', ...lines];
}

/** How many were replayed, and why others were not. */
export function formatTotals(what: string, replayed: number, skipped: ReplayPlan['skipped']): string {
  const counts = Map.groupBy(skipped, ({ reason }) => reason);
  const left = [...counts].map(([reason, { length }]) => `${length} ${reasonTexts[reason]}`);
  const letters = replayed === 1 ? '1 dead letter' : `${replayed} dead letters`;
  return left.length === 0 ? `${what} ${letters}` : `${what} ${letters}; skipped: ${left.join(', ')}`;
}
