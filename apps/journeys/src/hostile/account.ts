import type { Sighting } from './perform-attack.ts';

/** Resident memory of ingress, in bytes: before the first request, after each third of them, and at most. */
export type Memory = { begin: number; thirds: number[]; most: number };

/** Webhooks as they should be, sent all the while: how often each answer came, and how many of those with 200 are in the topic. */
export type GoodWebhooks = { answers: Map<string, number>; stored: number };

export type HostileAccount = {
  /** Of each kind: how many requests there were, and in how many of them each answer was seen. */
  seen: Map<string, { requests: number; answers: Map<string, number> }>;
  broken: string[];
  note(number: number, kind: string, sighting: Sighting): void;
};

/** What k8s/ gives an ingress. */
const mostBytes = 512 * 1_048_576;
/** Memory is not flat when it is so many times after the last third what it was after the first. */
const mostGrowth = 1.3;
/** In less, the first third is not over before V8 has taken what it likes to have. */
const enoughRequests = 20_000;

/** Counts what the hostile clients saw, and notes each answer that ingress should not have given. */
export function createAccount(): HostileAccount {
  const seen: HostileAccount['seen'] = new Map();
  const broken: string[] = [];
  return {
    seen,
    broken,
    note(number, kind, { statuses, ending }) {
      const { requests, answers } = seen.get(kind) ?? { requests: 0, answers: new Map<string, number>() };
      seen.set(kind, { requests: requests + 1, answers });
      const words = ending === 'answered' ? [...new Set(statuses)].map(String) : [ending];
      for (const word of words) answers.set(word, (answers.get(word) ?? 0) + 1);
      const faults = statuses.filter((status) => status >= 500);
      if (faults.length > 0) broken.push(`request ${number} (${kind}) was answered ${faults.join(', ')}`);
      if (ending === 'hanging') broken.push(`request ${number} (${kind}) was neither answered nor closed`);
      if (ending === 'refused') broken.push(`request ${number} (${kind}) could not connect`);
    },
  };
}

/** The promises that were not kept, but for those to the hostile. */
export function brokenPromises({
  good,
  memory,
  requests,
}: {
  good: GoodWebhooks;
  memory: Memory;
  requests: number;
}): string[] {
  const refused = [...good.answers].filter(([answer]) => answer !== '200');
  const accepted = good.answers.get('200') ?? 0;
  const [first = 0] = memory.thirds;
  const last = memory.thirds.at(-1) ?? 0;
  return [
    ...refused.map(([answer, count]) => `${count} good webhooks were answered ${answer}`),
    ...(accepted === 0 ? ['no good webhook was answered 200'] : []),
    ...(good.stored < accepted ? [`${accepted - good.stored} good webhooks with 200 are not in the topic`] : []),
    ...(memory.most > mostBytes ? [`memory was ${mib(memory.most)}`] : []),
    ...(requests >= enoughRequests && last > first * mostGrowth
      ? [`memory grew from ${mib(first)} to ${mib(last)} over two thirds of the run`]
      : []),
  ];
}

export function accountLines({
  account: { seen },
  good,
  memory,
}: {
  account: HostileAccount;
  good: GoodWebhooks;
  memory: Memory;
}): string[] {
  const kinds = [...seen].toSorted(([one], [other]) => one.localeCompare(other));
  return [
    ...kinds.map(
      ([kind, { requests, answers }]) => `${kind.padEnd(46)}${String(requests).padStart(7)}  ${tally(answers)}`,
    ),
    '',
    `good webhooks: ${tally(good.answers)}; ${good.stored} of them in the topic`,
    `resident memory: ${mib(memory.begin)} before, ${memory.thirds.map(mib).join(', ')} after each third, ${mib(memory.most)} at most`,
  ];
}

const tally = (counts: Map<string, number>) =>
  [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([word, count]) => `${word}: ${count}`)
    .join(', ');

const mib = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`;
