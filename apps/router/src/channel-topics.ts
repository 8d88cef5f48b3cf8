import type { BatchPlan, TopicRefusal } from '@bridge/kafka';

/** Longer than electing a leader takes, restarting a broker, or making a new topic known to all of them. */
const patienceMs = 60_000;
/** A topic that was given up on is tried again so often. */
const retryMs = 30_000;
/** Refusals farther apart than this are two troubles: while one lasts, it is tried again every few seconds. */
const gapMs = 20_000;

type Trouble = { since: number; last: number; givenUp?: { error: string; retryAt: number } };

/** Says of a topic why nothing is to be written to it, if so. */
export type RefusedBy = (topic: string) => { kind: TopicRefusal['kind']; error: string } | undefined;

/**
 * What each input partition knows of the channels' own topics. One that takes nothing is waited for, and everything behind
 * waits with it; after a minute its messages become dead letters, so that no other channel waits any longer, until it
 * takes some again. The bridge's own topics are waited for without an end: without them nothing works.
 */
export function createChannelTopics(options: { bridgeTopics: string[]; now?: () => number }) {
  const { bridgeTopics, now = Date.now } = options;
  const troubles = new Map<string, Trouble>();
  const judged = new WeakSet<TopicRefusal>();

  function mustWait({ topic, kind }: TopicRefusal, partition: number): boolean {
    if (kind === 'too-large') return false;
    if (bridgeTopics.includes(topic)) return true;
    const known = troubles.get(`${partition}/${topic}`);
    if (known?.givenUp) return false;
    const since = known && now() - known.last <= gapMs ? known.since : now();
    const enough = now() - since >= patienceMs;
    // If the dead letters can not be stored either, it is no trouble of this topic alone: another minute.
    troubles.set(`${partition}/${topic}`, { since: enough ? now() : since, last: now() });
    return !enough;
  }

  function refusalOf(topic: string, partition: number, refusals: TopicRefusal[]): ReturnType<RefusedBy> {
    const refusal = refusals.find((one) => one.topic === topic);
    if (refusal) return { kind: refusal.kind, error: refusal.message };
    const { givenUp } = troubles.get(`${partition}/${topic}`) ?? {};
    return givenUp && now() < givenUp.retryAt ? { kind: 'unavailable', error: givenUp.error } : undefined;
  }

  function settle(partition: number, { outgoing }: BatchPlan, refusals: TopicRefusal[]): void {
    for (const { topic } of outgoing) troubles.delete(`${partition}/${topic}`);
    for (const { topic, kind, message } of refusals) {
      if (kind === 'too-large') continue;
      const givenUp = { error: message, retryAt: now() + retryMs };
      troubles.set(`${partition}/${topic}`, { since: now(), last: now(), givenUp });
    }
  }

  return {
    /** A plan that does without what topics refused; undefined while one of them is to be waited for. */
    plan(
      partition: number,
      refusals: TopicRefusal[],
      planBatch: (refusedBy: RefusedBy) => BatchPlan,
    ): BatchPlan | undefined {
      const fresh = refusals.filter((one) => !judged.has(one));
      fresh.forEach((one) => judged.add(one));
      if (fresh.some((one) => mustWait(one, partition))) return undefined;
      const planned = planBatch((topic) => refusalOf(topic, partition, refusals));
      return {
        ...planned,
        stored() {
          settle(partition, planned, refusals);
          planned.stored();
        },
      };
    },
  };
}
