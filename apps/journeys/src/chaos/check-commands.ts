import { hops, tally } from './account.ts';
import type { Account, AllowedRepeat, Violation } from './account.ts';
import { checkReceipts } from './check-receipts.ts';
import type { Evidence, ResultRecord } from './evidence.ts';
import { explainRepeatedResult } from './explain-repeat.ts';
import type { Happening, History } from './timeline.ts';

const [, , toResults, toBot] = hops;
const withDeadLetter = new Set(['rejected', 'failed', 'unknown']);

export type Findings = { violations: Violation[]; repeats: AllowedRepeat[] };

/**
 * Accounts for every command that is in its topic: one result for the record, as many receipts at the bot as the result
 * and the faults allow, in the order of the topic. A command that was acknowledged must be there.
 */
export function checkCommands(
  evidence: Pick<Evidence, 'produced' | 'commands' | 'results' | 'receipts' | 'deadLetters'>,
  history: History,
): Partial<Account> {
  const { produced, commands, results, receipts } = evidence;
  const found: Findings = { violations: [], repeats: [] };
  const inTopic = new Set(commands.map(({ id }) => id));
  for (const { id, acked } of produced) {
    if (!acked || inTopic.has(id)) continue;
    const detail = `${id} was acknowledged and is not in its topic`;
    found.violations.push({ hop: toResults, fault: 'lost', detail });
  }
  checkResults(evidence, history.happenings, found);
  checkReceipts(evidence, history, found);

  const doubtful = produced.filter(({ acked }) => !acked);
  const stored = doubtful.filter(({ id }) => inTopic.has(id)).length;
  const sent = `${produced.length} commands produced, ${doubtful.length} not acknowledged, of which ${stored} are there`;
  return {
    checked: { [toResults]: commands.length, [toBot]: receipts.length } as Account['checked'],
    ...found,
    notes: [
      { hop: toResults, text: sent },
      { hop: toResults, text: `results: ${tally(results.map(({ outcome }) => outcome))}` },
      { hop: toBot, text: `${new Set(receipts.map(({ commandId }) => commandId)).size} messages that the bot took` },
    ],
  };
}

function checkResults(
  { commands, results, receipts, deadLetters }: Pick<Evidence, 'commands' | 'results' | 'receipts' | 'deadLetters'>,
  happenings: readonly Happening[],
  { violations, repeats }: Findings,
): void {
  const place = (partition: number, offset: number) => `${partition}@${offset}`;
  const received = new Set(receipts.map(({ commandId }) => commandId));
  const letters = new Set(
    deadLetters.filter(({ stage }) => stage === 'outbound').map((one) => place(one.partition, one.offset)),
  );
  const byCommand = Map.groupBy(results, ({ partition, commandOffset }) => place(partition, commandOffset));
  const unowned = new Set(byCommand.keys());
  const before = new Set<string>();
  for (const { id, partition, offset } of commands) {
    const at = place(partition, offset);
    const name = `${id} (${at})`;
    const own = byCommand.get(at) ?? [];
    unowned.delete(at);
    const [first] = own;
    if (!first) {
      violations.push({ hop: toResults, fault: 'lost', detail: `${name} has no result` });
      continue;
    }
    checkRepeatedResults(name, own, happenings, { violations, repeats });
    const { outcome } = first;
    if (outcome === 'sent' && !received.has(id)) {
      violations.push({ hop: toBot, fault: 'lost', detail: `${name} has the result sent, and the bot never got it` });
    }
    if (withDeadLetter.has(outcome) && !letters.has(at)) {
      violations.push({ hop: toResults, fault: 'lost', detail: `${name} ended as ${outcome}, without a dead letter` });
    }
    // A command that was produced once is no duplicate, and none expires here.
    if (outcome === 'expired' || (outcome === 'duplicate' && !before.has(id))) {
      violations.push({ hop: toResults, fault: 'other', detail: `${name} ended as ${outcome}` });
    }
    before.add(id);
  }
  for (const at of unowned) {
    violations.push({ hop: toResults, fault: 'other', detail: `a result for ${at}, where there is no command` });
  }
}

/** The same bytes again are the same result, stored once more because the broker's answer was lost. */
function checkRepeatedResults(
  name: string,
  own: ResultRecord[],
  happenings: readonly Happening[],
  { violations, repeats }: Findings,
): void {
  const byReplays = Map.groupBy(own, ({ replays }) => replays);
  for (const [first, ...more] of byReplays.values()) {
    for (const again of more) {
      const because = first ? explainRepeatedResult(happenings, first.at, again.at) : [];
      if (first && again.value === first.value && because.length > 0) {
        repeats.push({ hop: toResults, detail: `the result of ${name}, the same bytes`, because });
      } else {
        const what = again.value === first?.value ? 'the same bytes' : `${first?.value} and ${again.value}`;
        violations.push({ hop: toResults, fault: 'doubled', detail: `the result of ${name}: ${what}` });
      }
    }
  }
}
