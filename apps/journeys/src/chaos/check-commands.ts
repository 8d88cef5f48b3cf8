import { hops } from './account.ts';
import type { Account, AllowedRepeat, Violation } from './account.ts';
import type { CommandRecord, Evidence, Receipt, ResultRecord } from './evidence.ts';
import { explainRepeatedCall, explainRepeatedResult, outboundWasInterrupted } from './explain-repeat.ts';
import type { Happening } from './timeline.ts';

const [, , toResults, toBot] = hops;
const withDeadLetter = new Set(['rejected', 'failed', 'unknown']);

type Findings = { violations: Violation[]; repeats: AllowedRepeat[] };

/**
 * Accounts for every command that is in its topic: one result for the record, as many receipts at the bot as the result
 * and the faults allow, in the order of the topic. A command that was acknowledged must be there. Times are told since
 * `startedAt`, as those of the timeline.
 */
export function checkCommands(
  evidence: Pick<Evidence, 'produced' | 'commands' | 'results' | 'receipts' | 'deadLetters'>,
  happenings: readonly Happening[],
  startedAt = 0,
): Partial<Account> {
  const { produced, commands, receipts } = evidence;
  const found: Findings = { violations: [], repeats: [] };
  const inTopic = new Set(commands.map(({ id }) => id));
  for (const { id, acked } of produced) {
    if (acked && !inTopic.has(id)) {
      found.violations.push({
        hop: toResults,
        fault: 'lost',
        detail: `${id} was acknowledged and is not in its topic`,
      });
    }
  }
  checkResults(evidence, happenings, found);
  const time = (at: number) => `${((at - startedAt) / 1_000).toFixed(1)} s`;
  checkReceipts(commands, receipts, happenings, time, found);

  const doubtful = produced.filter(({ acked }) => !acked);
  const stored = doubtful.filter(({ id }) => inTopic.has(id)).length;
  return {
    checked: { [toResults]: commands.length, [toBot]: receipts.length } as Account['checked'],
    ...found,
    notes: [
      `${produced.length} commands produced, ${doubtful.length} not acknowledged, of which ${stored} are in the topic`,
      `results: ${tally(evidence.results.map(({ outcome }) => outcome))}`,
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

/** Of one conversation: what was received for the first time must ascend; a repeat needs a reason. */
function checkReceipts(
  commands: CommandRecord[],
  receipts: Receipt[],
  happenings: readonly Happening[],
  time: (at: number) => string,
  { violations, repeats }: Findings,
): void {
  const offsets = new Map(commands.map(({ id, offset }) => [id, offset]));
  for (const [key, ofConversation] of Map.groupBy(receipts, (receipt) => receipt.key)) {
    const latest = new Map<string, Receipt>();
    let highest: Receipt | undefined;
    let lastRepeat: Receipt | undefined;
    const offsetOf = (receipt: Receipt | undefined) => offsets.get(receipt?.commandId ?? '') ?? -1;
    for (const receipt of ofConversation) {
      const { commandId: id } = receipt;
      const before = latest.get(id);
      latest.set(id, receipt);
      if (!offsets.has(id)) {
        violations.push({ hop: toBot, fault: 'other', detail: `the bot got ${id}, which is in no topic` });
      } else if (!before) {
        if (offsetOf(receipt) < offsetOf(highest)) {
          const detail = `${key}: ${id} came for the first time after ${highest?.commandId}`;
          violations.push({ hop: toBot, fault: 'out of order', detail });
        } else highest = receipt;
        lastRepeat = undefined;
      } else {
        judgeRepeat({
          receipt,
          before,
          isBehind: offsetOf(receipt) < offsetOf(highest),
          highest,
          isDescent: offsetOf(receipt) < offsetOf(lastRepeat),
          lastRepeat,
        });
        lastRepeat = receipt;
      }
    }
  }

  function judgeRepeat(given: {
    receipt: Receipt;
    /** The last time that it came. */
    before: Receipt;
    isBehind: boolean;
    highest: Receipt | undefined;
    isDescent: boolean;
    lastRepeat: Receipt | undefined;
  }): void {
    const { receipt, before, isBehind, highest, isDescent, lastRepeat } = given;
    const { commandId: id, key } = receipt;
    const lostAnswer = before.fault === undefined ? [] : [`the bot's answer was lost on demand (${before.fault})`];
    const because = [...lostAnswer, ...explainRepeatedCall(happenings, before.at, receipt.at)];
    const seconds = `${((receipt.at - before.at) / 1_000).toFixed(1)} s later`;
    const detail = `${id} came again at ${time(receipt.at)}, ${seconds}${isBehind ? `, after ${highest?.commandId}` : ''}`;
    if (because.length === 0) {
      violations.push({ hop: toBot, fault: 'doubled', detail: `${detail}, and nothing explains it` });
    } else {
      repeats.push({ hop: toBot, detail, because });
    }
    if (isDescent && lastRepeat && !outboundWasInterrupted(happenings, lastRepeat.at, receipt.at)) {
      const order = `${key}: the repeat of ${id} came after that of ${lastRepeat.commandId}`;
      violations.push({ hop: toBot, fault: 'out of order', detail: order });
    }
  }
}

function tally(words: string[]): string {
  const groups = [...Map.groupBy(words, (word) => word)].map(([word, all]) => `${all.length} ${word}`);
  return groups.join(', ') || 'none';
}
