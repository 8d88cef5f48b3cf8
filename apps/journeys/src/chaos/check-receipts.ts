import { hops } from './account.ts';
import type { Findings } from './check-commands.ts';
import type { Evidence, Receipt } from './evidence.ts';
import { explainRepeatedCall, outboundWasInterrupted } from './explain-repeat.ts';
import { timeSince } from './timeline.ts';
import type { History } from './timeline.ts';

const toBot = hops[3];

/** Of one conversation: what the bot took for the first time must ascend; a repeat needs a reason, and repeats ascend, too. */
export function checkReceipts(
  { commands, results, receipts }: Pick<Evidence, 'commands' | 'results' | 'receipts'>,
  { happenings, startedAt }: History,
  { violations, repeats }: Findings,
): void {
  const offsets = new Map(commands.map(({ id, offset }) => [id, offset]));
  const settled = new Map(results.toReversed().map(({ commandId, at }) => [commandId, at]));
  const offsetOf = (receipt: Receipt | undefined) => offsets.get(receipt?.commandId ?? '') ?? -1;
  for (const [key, ofConversation] of Map.groupBy(receipts, (receipt) => receipt.key)) {
    const latest = new Map<string, Receipt>();
    let highest: Receipt | undefined;
    let lastRepeat: Receipt | undefined;
    for (const receipt of ofConversation) {
      const { commandId: id } = receipt;
      const before = latest.get(id);
      latest.set(id, receipt);
      if (!offsets.has(id)) {
        violations.push({ hop: toBot, fault: 'other', detail: `the bot got ${id}, which is in no topic` });
      } else if (before) {
        judgeRepeat({ receipt, before, highest, lastRepeat });
        lastRepeat = receipt;
      } else {
        if (offsetOf(receipt) < offsetOf(highest)) {
          const detail = `${key}: ${id} came for the first time after ${highest?.commandId}`;
          violations.push({ hop: toBot, fault: 'out of order', detail });
        } else highest = receipt;
        lastRepeat = undefined;
      }
    }
  }

  function judgeRepeat({ receipt, before, highest, lastRepeat }: Repeat): void {
    const { commandId: id, key, at } = receipt;
    const settledAt = settled.get(id);
    const lostAnswer = before.fault === undefined ? [] : [`the bot's answer was lost on demand (${before.fault})`];
    const because = [...lostAnswer, ...explainRepeatedCall(happenings, { since: before.at, until: at, settledAt })];
    const behind = offsetOf(receipt) < offsetOf(highest) ? `, after ${highest?.commandId}` : '';
    const late = settledAt !== undefined && at > settledAt ? ', after its result' : '';
    const again = `${timeSince(before.at, at)} later${behind}${late}`;
    const detail = `${id} came again at ${timeSince(startedAt, at)}, ${again}`;
    if (because.length === 0) {
      violations.push({ hop: toBot, fault: 'doubled', detail: `${detail}, and nothing explains it` });
    } else {
      repeats.push({ hop: toBot, detail, because });
    }
    const descends = lastRepeat && offsetOf(receipt) < offsetOf(lastRepeat);
    if (descends && !outboundWasInterrupted(happenings, lastRepeat.at, at)) {
      const order = `${key}: the repeat of ${id} came after that of ${lastRepeat.commandId}`;
      violations.push({ hop: toBot, fault: 'out of order', detail: order });
    }
  }
}

type Repeat = {
  receipt: Receipt;
  /** The last time that it came. */
  before: Receipt;
  /** The newest that came before it. */
  highest: Receipt | undefined;
  lastRepeat: Receipt | undefined;
};
