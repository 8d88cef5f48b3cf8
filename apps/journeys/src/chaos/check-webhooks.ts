import { tally } from './account.ts';
import type { Account, AllowedRepeat, Hop, Violation } from './account.ts';
import type { EventRecord, Evidence, Refusal, SentWebhook } from './evidence.ts';
import { timeSince } from './timeline.ts';
import type { History } from './timeline.ts';

const toInbound: Hop = 'webhook → inbound-events';
const toChannels: Hop = 'inbound-events → channels';

/**
 * Accounts for every webhook: answered 200, it is in inbound-events and exactly once in a channel topic; not answered
 * 200, at most once. In a channel topic each conversation ascends. Refused are only those for which there is a reason:
 * without a spool 503 is one. Where Kafka itself forgot the end of a transaction, what it held may be there twice.
 */
export function checkWebhooks(
  evidence: Pick<Evidence, 'webhooks' | 'inbound' | 'channels' | 'deadLetters'>,
  { happenings, startedAt, spool, hasForgotten = false }: History & { spool: boolean; hasForgotten?: boolean },
): Partial<Account> {
  const { webhooks, inbound, channels, deadLetters } = evidence;
  const stored = countByName(inbound);
  const routed = countByName(channels);
  const sent = new Set(webhooks.map(nameOf));
  const violations: Violation[] = [];
  const repeats: AllowedRepeat[] = [];
  const lost = (hop: Hop, webhook: SentWebhook) => {
    const detail = `${nameOf(webhook)}, answered 200 at try ${webhook.refusals.length + 1}`;
    violations.push({ hop, fault: 'lost', detail });
  };
  for (const webhook of webhooks) {
    const name = nameOf(webhook);
    const copies = routed.get(name) ?? 0;
    if (webhook.accepted && !stored.has(name)) lost(toInbound, webhook);
    if (copies === 0 && stored.has(name)) lost(toChannels, webhook);
    if (copies > 1) {
      const detail = `${name}, ${copies} times`;
      if (hasForgotten) repeats.push({ hop: toChannels, detail, because: ['Kafka forgot the end of a transaction'] });
      else violations.push({ hop: toChannels, fault: 'doubled', detail });
    }
    for (const refusal of webhook.refusals.filter((one) => !mayBeRefused(one, { happenings, spool }))) {
      const detail = `${name} ${how(refusal)} at ${timeSince(startedAt, refusal.to)}`;
      violations.push({ hop: toInbound, fault: 'other', detail });
    }
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
  return {
    checked: { [toInbound]: accepted, [toChannels]: stored.size } as Account['checked'],
    violations,
    repeats,
    notes: [
      { hop: toInbound, text: `${webhooks.length} webhooks sent, ${accepted} answered 200 in the end` },
      { hop: toInbound, text: `refused before that: ${tally(webhooks.flatMap(({ refusals }) => refusals.map(how)))}` },
      { hop: toInbound, text: `stored once more, for the router to drop: ${inbound.length - stored.size}` },
      { hop: toChannels, text: `${stored.size} events, ${channels.length} channel messages` },
    ],
  };
}

const how = ({ status }: Refusal) => (status === undefined ? 'got no answer' : `answered ${status}`);

/** What is noted by different processes may be this far apart. */
const toleranceMs = 1_000;

/** No answer is for an ingress that is down; 503 for one that has nowhere to store. */
function mayBeRefused(refusal: Refusal, { happenings, spool }: Pick<History, 'happenings'> & { spool: boolean }) {
  if (refusal.status !== undefined) return refusal.status === 503 && !spool;
  return happenings.some(
    ({ name, member, from, to = Infinity }) =>
      (name === 'kill' || name === 'term' || name === 'crash') &&
      member?.startsWith('ingress') &&
      from - toleranceMs <= refusal.to &&
      to + toleranceMs >= refusal.from,
  );
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
