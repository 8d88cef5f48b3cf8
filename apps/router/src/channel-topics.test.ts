import { TopicRefusal } from '@bridge/kafka';
import type { OutgoingRecord } from '@bridge/kafka';
import { describe, expect, it } from 'vitest';
import { createChannelTopics } from './channel-topics.ts';

/** One partition whose messages all go to the topic `own`, as the consumer would ask for its plans. */
function world() {
  let time = 0;
  const topics = createChannelTopics({ bridgeTopics: ['shared', 'dead'], now: () => time });
  const ask = (refusals: TopicRefusal[], partition = 0, topic = 'own') =>
    topics.plan(partition, refusals, (refusedBy) => {
      const refused = refusedBy(topic);
      return { outgoing: [{ topic: refused ? `dead: ${refused.kind}` : topic } as OutgoingRecord], stored: () => {} };
    });
  const refusal = (kind: TopicRefusal['kind'] = 'unavailable', topic = 'own') =>
    new TopicRefusal(topic, kind, new Error('no'));
  return {
    pass: (ms: number) => void (time += ms),
    /** The first plan is refused; what the second one says. */
    refuse: (kind?: TopicRefusal['kind'], topic?: string, partition?: number) =>
      ask([refusal(kind, topic)], partition, topic),
    /** What a first plan says. */
    first: (partition?: number) => ask([], partition),
    ask,
    refusal,
  };
}

type World = ReturnType<typeof world>;
const toDead = { outgoing: [{ topic: 'dead: unavailable' }] };
const toOwn = { outgoing: [{ topic: 'own' }] };

/** Refusals every five seconds; how long it took until there was a plan without the topic. */
function refuseUntilGivenUp({ refuse, pass }: World) {
  for (let ms = 0; ms <= 600_000; ms += 5_000, pass(5_000)) {
    const planned = refuse();
    if (planned) return { ms, planned };
  }
  throw new Error('it was never given up on');
}

describe("a channel's own topic that takes nothing", () => {
  it('is waited for a minute, then its messages are dead letters', () => {
    const { ms, planned } = refuseUntilGivenUp(world());
    expect(ms).toBe(60_000);
    expect(planned).toMatchObject(toDead);
  });

  it('is then left alone for half a minute, tried again, and given up on at once if it still takes nothing', () => {
    const given = world();
    refuseUntilGivenUp(given).planned.stored();
    expect(given.first()).toMatchObject(toDead);
    given.pass(30_000);
    expect(given.first()).toMatchObject(toOwn);
    const again = given.refuse();
    expect(again).toMatchObject(toDead);
    again?.stored();
    expect(given.first()).toMatchObject(toDead);
  });

  it('is trusted again once it took something', () => {
    const given = world();
    refuseUntilGivenUp(given).planned.stored();
    given.pass(30_000);
    given.first()?.stored();
    expect(given.refuse()).toBeUndefined();
  });

  it('is waited for another minute when the dead letters could not be stored either', () => {
    const given = world();
    refuseUntilGivenUp(given);
    given.pass(5_000);
    expect(given.first()).toMatchObject(toOwn);
    expect(refuseUntilGivenUp(given).ms).toBe(55_000);
  });

  it('is not given up on for a refusal now and one long ago', () => {
    const given = world();
    given.refuse();
    given.pass(3_600_000);
    expect(given.refuse()).toBeUndefined();
  });

  it('is waited for in each input partition', () => {
    const given = world();
    refuseUntilGivenUp(given).planned.stored();
    expect(given.first(1)).toMatchObject(toOwn);
    expect(given.refuse('unavailable', 'own', 1)).toBeUndefined();
  });

  it('stays given up on in the halves of a batch, and while another topic refuses as well', () => {
    const given = world();
    const one = given.refusal();
    for (let round = 0; round < 12; round += 1, given.pass(5_000)) given.refuse();
    const planned = [given.ask([one]), given.ask([one]), given.ask([one, given.refusal('too-large', 'other')])];
    for (const each of planned) expect(each).toMatchObject(toDead);
  });
});

describe('what is not waited for, and what always is', () => {
  it('a record too large for its topic is a dead letter at once, and the topic as good as before', () => {
    const given = world();
    const planned = given.refuse('too-large');
    expect(planned).toMatchObject({ outgoing: [{ topic: 'dead: too-large' }] });
    planned?.stored();
    expect(given.first()).toMatchObject(toOwn);
  });

  it("the bridge's own topics", () => {
    const given = world();
    for (let round = 0; round < 100; round += 1, given.pass(5_000)) {
      expect(given.refuse('unavailable', 'shared')).toBeUndefined();
      expect(given.refuse('unavailable', 'dead')).toBeUndefined();
    }
  });
});
