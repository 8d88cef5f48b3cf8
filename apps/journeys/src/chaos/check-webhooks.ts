import type { Account, Hop, Violation } from './account.ts';
import type { EventRecord, Evidence, SentWebhook } from './evidence.ts';

const toInbound: Hop = 'webhook → inbound-events';
const toChannels: Hop = 'inbound-events → channels';

/**
 * Accounts for every webhook: answered 200, it is in inbound-events and exactly once in a channel topic; not answered
 * 200, at most once. In a channel topic each conversation ascends.
 */
export function checkWebhooks(
  evidence: Pick<Evidence, 'webhooks' | 'inbound' | 'channels' | 'deadLetters'>,
): Partial<Account> {
  const { webhooks, inbound, channels, deadLetters } = evidence;
  const stored = countByName(inbound);
  const routed = countByName(channels);
  const sent = new Set(webhooks.map(nameOf));
  const violations: Violation[] = [];
  const lost = (hop: Hop, webhook: SentWebhook) =>
    violations.push({ hop, fault: 'lost', detail: `${nameOf(webhook)}, answered 200 at try ${webhook.tries}` });
  for (const webhook of webhooks) {
    const name = nameOf(webhook);
    const copies = routed.get(name) ?? 0;
    if (webhook.accepted && !stored.has(name)) lost(toInbound, webhook);
    if (copies === 0 && stored.has(name)) lost(toChannels, webhook);
    if (copies > 1) violations.push({ hop: toChannels, fault: 'doubled', detail: `${name}, ${copies} times` });
  }
  for (const name of [...routed.keys()].filter((one) => !sent.has(one))) {
    violations.push({ hop: toChannels, fault: 'other', detail: `${name} was never sent` });
  }
  for (const letter of deadLetters.filter(({ stage }) => stage === 'router')) {
    const detail = `${letter.partition}@${letter.offset} is a dead letter: ${letter.reason}`;
    violations.push({ hop: toChannels, fault: 'other', detail });
  }
  violations.push(...descents(firstOf(inbound), toInbound), ...descents(firstOf(channels), toChannels));

  const accepted = webhooks.filter((webhook) => webhook.accepted).length;
  const again = webhooks.filter(({ tries }) => tries > 1).length;
  return {
    checked: { [toInbound]: accepted, [toChannels]: stored.size } as Account['checked'],
    violations,
    notes: [
      `${webhooks.length} webhooks sent, ${accepted} answered 200, ${again} of them only at a later try; ` +
        `inbound-events holds ${inbound.length - stored.size} repeats for the router to drop`,
    ],
  };
}

const nameOf = ({ key, number }: { key: string; number: number }) => `${key} #${number}`;

function countByName(records: EventRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) counts.set(nameOf(record), (counts.get(nameOf(record)) ?? 0) + 1);
  return counts;
}

/** Without repeats: they are counted elsewhere. */
function firstOf(records: EventRecord[]): EventRecord[] {
  const seen = new Set<string>();
  return records.filter((record) => !seen.has(nameOf(record)) && seen.add(nameOf(record)));
}

function descents(records: EventRecord[], hop: Hop): Violation[] {
  const highest = new Map<string, number>();
  return records.flatMap(({ key, number, topic, partition, offset }): Violation[] => {
    const before = highest.get(key) ?? 0;
    highest.set(key, Math.max(before, number));
    const detail = `${key} #${number} after #${before}, in ${topic} ${partition}@${offset}`;
    return number < before ? [{ hop, fault: 'out of order', detail }] : [];
  });
}
