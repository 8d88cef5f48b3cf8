import { expect, test } from 'vitest';
import { createGroupCommit } from './group-commit.ts';
import type { ConsumedRecord } from './records.ts';
import type { PlanRecords, TransactionOutcome, Work } from './store-planned.ts';
import { TopicRefusal } from './topic-refusal.ts';

/** Writers that keep what they are given, each write as long as the test wants; `gone` is a topic that they refuse, `hung` one of which nothing is heard, `fenced` one that finds the member gone. */
function start() {
  const writes: { own: number | undefined; partitions: number[]; end(): void }[] = [];
  const log: string[] = [];
  const outcomes: TransactionOutcome[] = [];
  const plan: PlanRecords = (records, refusals) => {
    if (refusals.length > 0) return undefined;
    const [{ partition, key }] = records as [ConsumedRecord];
    if (key === 'unplannable') throw new Error('a fault of the plan');
    log.push(`plan ${partition}`);
    return {
      outgoing: [{ topic: key ?? '', key, value: '', headers: {} }],
      stored: () => void log.push(`stored ${partition}`),
      failed: () => void log.push(`failed ${partition}`),
    };
  };
  const commit = createGroupCommit({
    plan,
    onTransaction: (outcome) => void outcomes.push(outcome),
    openWriter: (own) => ({
      async write(outgoing, offsets) {
        const topics = outgoing.map(({ topic }) => topic);
        await new Promise<void>((end) => writes.push({ own, partitions: [...offsets.keys()], end }));
        if (topics.includes('gone')) throw new TopicRefusal('gone', 'unavailable', new Error('no'));
        if (topics.includes('hung')) throw new Error('no answer');
        if (topics.includes('fenced')) throw Object.assign(new Error('no member'), { type: 'ILLEGAL_GENERATION' });
      },
      current: () => Promise.reject(new Error('not asked for')),
      renew: () => void log.push(`renew ${own ?? 'common'}`),
      settle: () => Promise.reject(new Error('not asked for')),
      close: async () => void log.push(`close ${own ?? 'common'}`),
    }),
  });
  const work = (partition: number, { topic = 'fine', bytes = 1, stale = (): boolean => false } = {}): Work => ({
    owner: { partition, member: { memberId: 'm', generationId: 1 }, next: 0n, recalled: true, isInDoubt: false },
    records: [{ partition, offset: '0', key: topic, sizeBytes: bytes } as ConsumedRecord],
    stale,
    passed: async () => void log.push(`passed ${partition}`),
    heartbeat: async () => {},
  });
  const count = (writing: number) => expect.poll(() => writes.length).toBe(writing);
  const end = (index: number) => writes[index]?.end();
  return { commit, writes, log, outcomes, work, count, end };
}

const MiB = 1 << 20;

test('what comes together is one transaction, and what comes meanwhile is the next', async () => {
  const { commit, writes, outcomes, work, count, end } = start();
  const first = Promise.all([1, 2, 3].map((partition) => commit.store(work(partition))));
  await count(1);
  const second = Promise.all([4, 5].map((partition) => commit.store(work(partition))));
  const third = commit.store(work(6));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(writes).toHaveLength(1);
  end(0);
  await first;
  await count(2);
  end(1);
  await Promise.all([second, third]);
  expect(writes.map(({ partitions }) => partitions)).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(outcomes).toEqual(['committed', 'committed']);
});

test('a transaction has room for 2 MiB, or for one that is larger; the next is planned while it is under way', async () => {
  const { commit, writes, log, work, count, end } = start();
  const all = [1, 1, 1, 5, 1].map((mib, partition) => commit.store(work(partition, { bytes: mib * MiB })));
  await count(1);
  await expect.poll(() => log).toEqual(['plan 0', 'plan 1', 'plan 2']);
  for (let index = 0; index < 4; index += 1) {
    await count(index + 1);
    end(index);
  }
  await Promise.all(all);
  expect(writes.map(({ partitions }) => partitions)).toEqual([[0, 1], [2], [3], [4]]);
});

test('a partition whose part is refused goes on by itself until it is committed, and holds up no others', async () => {
  const { commit, writes, log, outcomes, work, count, end } = start();
  const refused = expect(commit.store(work(1, { topic: 'gone' }))).rejects.toThrow('gone does not take it');
  const neighbour = commit.store(work(2));
  await count(1);
  end(0);
  await count(3);
  expect(writes.slice(1).map(({ own, partitions }) => [own, ...partitions])).toEqual([
    [1, 1],
    [undefined, 2],
  ]);
  // Others do not wait for the first.
  end(2);
  await neighbour;
  const other = commit.store(work(3));
  await count(4);
  end(3);
  await other;
  end(1);
  await refused;
  const again = commit.store(work(1));
  await count(5);
  end(4);
  await again;
  const healed = Promise.all([commit.store(work(1)), commit.store(work(2))]);
  await count(6);
  end(5);
  await healed;
  expect(writes.slice(4).map(({ own, partitions }) => [own, ...partitions])).toEqual([
    [1, 1],
    [undefined, 1, 2],
  ]);
  expect(outcomes).toEqual(['refused', 'committed', 'committed', 'refused', 'committed', 'committed']);
  expect(log).toEqual(expect.arrayContaining(['renew common', 'renew 1', 'close 1']));
});

test('a partition that went elsewhere leaves no writer of its own', async () => {
  const { commit, log, work, count, end } = start();
  const failed = expect(commit.store(work(1, { topic: 'hung' }))).rejects.toThrow('no answer');
  await count(1);
  end(0);
  await failed;
  commit.forget(1);
  expect(log.at(-1)).toBe('close 1');
});

test('that the member is none any more is the trouble of no partition', async () => {
  const { commit, writes, work, count, end } = start();
  const all = [commit.store(work(1, { topic: 'fenced' })), commit.store(work(2))];
  const failed = Promise.all(all.map((one) => expect(one).rejects.toThrow('no member')));
  await count(1);
  end(0);
  await failed;
  const again = Promise.all([commit.store(work(1)), commit.store(work(2))]);
  await count(2);
  end(1);
  await again;
  expect(writes[1]).toMatchObject({ own: undefined, partitions: [1, 2] });
});

test('a plan that fails is told to its own partition, and the others go on', async () => {
  const { commit, writes, work, count, end } = start();
  const failed = expect(commit.store(work(1, { topic: 'unplannable' }))).rejects.toThrow('a fault of the plan');
  const other = commit.store(work(2));
  await count(1);
  end(0);
  await Promise.all([failed, other]);
  expect(writes[0]?.partitions).toEqual([2]);
});

test('when a transaction fails, all that was in it is told so, and goes on each by itself', async () => {
  const { commit, writes, log, outcomes, work, count, end } = start();
  const failing = [commit.store(work(1, { topic: 'hung' })), commit.store(work(2))];
  const failed = Promise.all(failing.map((one) => expect(one).rejects.toThrow('no answer')));
  await count(1);
  end(0);
  await failed;
  expect(log).toEqual(['plan 1', 'plan 2', 'renew common', 'failed 1', 'failed 2']);
  const again = [commit.store(work(1)), commit.store(work(2))];
  await count(3);
  end(1);
  end(2);
  await Promise.all(again);
  expect(writes.map(({ own, partitions }) => [own, ...partitions])).toEqual([
    [undefined, 1, 2],
    [1, 1],
    [2, 2],
  ]);
  expect(outcomes).toEqual(['failed', 'committed', 'committed']);
});

test('what is stale by its turn is not written, and its plan is given up', async () => {
  const { commit, writes, log, work, count, end } = start();
  let stale = false;
  const first = commit.store(work(1));
  await count(1);
  const second = [commit.store(work(2, { stale: () => stale })), commit.store(work(3))];
  stale = true;
  end(0);
  await first;
  await count(2);
  end(1);
  await Promise.all(second);
  expect(writes[1]?.partitions).toEqual([3]);
  expect(log).toContain('failed 2');
  expect(log).not.toContain('passed 2');
});
