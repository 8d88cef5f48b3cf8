import { afterEach, expect, test, vi } from 'vitest';
import { createMembership } from './membership.ts';
import type { Membership } from './membership.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const isSure = (membership: Membership) => membership.sureForMs() >= 12_000;
const refused = (type: string) => () => Promise.reject(Object.assign(new Error(type), { type }));

/** A member that was answered just now, and two clocks, each of which can be put forward by itself. */
async function member() {
  vi.useFakeTimers();
  const clocks = { wall: vi.spyOn(Date, 'now'), steady: vi.spyOn(performance, 'now') };
  const membership = createMembership({ sessionMs: 30_000 });
  const pass = (ms: number, { only }: { only?: 'wall' | 'steady' } = {}) => {
    for (const [name, clock] of Object.entries(clocks)) {
      if (only === undefined || only === name)
        clock.mockReturnValue((name === 'wall' ? Date.now() : performance.now()) + ms);
    }
  };
  await membership.ask(async () => {});
  return { membership, pass };
}

test('it is sure of itself until some time after a request that was answered', async () => {
  const { membership, pass } = await member();
  pass(18_000);
  expect(isSure(membership)).toBe(true);
  pass(1);
  expect(isSure(membership)).toBe(false);
  await membership.ask(async () => {});
  expect(isSure(membership)).toBe(true);
});

test('an answer that comes late tells of the time when it was asked for', async () => {
  const { membership, pass } = await member();
  await membership.ask(async () => pass(40_000));
  expect(isSure(membership)).toBe(false);
});

test.each(['wall', 'steady'] as const)('it notices a sleep in which only the %s clock went on', async (only) => {
  const { membership, pass } = await member();
  pass(20_000, { only });
  expect(isSure(membership)).toBe(false);
});

test.each([
  ['UNKNOWN_MEMBER_ID', false],
  ['ILLEGAL_GENERATION', false],
  ['REBALANCE_IN_PROGRESS', true],
  ['NOT_COORDINATOR_FOR_GROUP', true],
])('an answer of %s: still sure is %j', async (type, sure) => {
  const { membership } = await member();
  await expect(membership.ask(refused(type))).rejects.toThrow(type);
  expect(isSure(membership)).toBe(sure);
});

test.each(['NOT_COORDINATOR_FOR_GROUP', 'REBALANCE_IN_PROGRESS'])('an answer of %s is no new sign', async (type) => {
  const { membership, pass } = await member();
  pass(18_001);
  await expect(membership.ask(refused(type))).rejects.toThrow(type);
  expect(isSure(membership)).toBe(false);
  await membership.ask(async () => {});
  expect(isSure(membership)).toBe(true);
});

test('it knows for how long nobody else can be the owner', async () => {
  const { membership, pass } = await member();
  pass(28_000);
  expect(membership.sureForMs()).toBe(2_000);
  membership.leave();
  expect(membership.sureForMs()).toBe(-Infinity);
});

test('who waits goes on with the next answer, or ends with the signal', async () => {
  const { membership } = await member();
  vi.restoreAllMocks();
  membership.leave();
  const stop = new AbortController();
  const ends: [string, boolean][] = [];
  const note = (name: string) => (sure: boolean) => void ends.push([name, sure]);
  void membership.untilSureFor(12_000, stop.signal).then(note('stopped'));
  await vi.advanceTimersByTimeAsync(1_000);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toEqual([['stopped', false]]);
  void membership.untilSureFor(12_000, new AbortController().signal).then(note('answered'));
  await membership.ask(async () => {});
  await vi.advanceTimersByTimeAsync(100);
  expect(ends).toEqual([
    ['stopped', false],
    ['answered', true],
  ]);
});
