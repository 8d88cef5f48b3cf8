import { expect, it } from 'vitest';
import { checkCommands } from './check-commands.ts';
import type { Evidence, Receipt, ResultRecord } from './evidence.ts';
import type { Happening } from './timeline.ts';

const key = 'acme/501';
type Case = Pick<Evidence, 'produced' | 'commands' | 'results' | 'receipts' | 'deadLetters'>;

const result = (number: number, more: Partial<ResultRecord> = {}): ResultRecord => ({
  commandId: `c-${number}`,
  partition: 0,
  commandOffset: number,
  replays: '0',
  outcome: 'sent',
  value: `result of c-${number}`,
  at: number * 1_000 + 100,
  ...more,
});
/** The bot got it at its own second, unless told. */
const receipt = (number: number, at = number * 1_000, fault?: string): Receipt => ({
  commandId: `c-${number}`,
  key,
  at,
  ...(fault !== undefined && { fault }),
});
const numbers = [1, 2, 3, 4];
const kept: Case = {
  // The fourth was not acknowledged, and is in its topic; the fifth is not.
  produced: [...numbers, 5].map((number) => ({ id: `c-${number}`, key, acked: number < 4 })),
  commands: numbers.map((number) => ({ id: `c-${number}`, key, partition: 0, offset: number })),
  results: numbers.map((number) => result(number)),
  receipts: numbers.map((number) => receipt(number)),
  deadLetters: [],
};
const kill: Happening = { name: 'kill', member: 'outbound-1', from: 2_500, to: 4_000 };
const judge = (change: Partial<Case>, happenings: Happening[] = []) =>
  checkCommands({ ...kept, ...change }, { happenings, startedAt: 0 });
const faultsOf = (change: Partial<Case>, happenings?: Happening[]) =>
  judge(change, happenings).violations?.map(({ hop, fault, detail }) => [hop, fault, detail]);
const without = <T>(list: T[], index: number) => list.toSpliced(index, 1);

it('a run in which all came once and in order breaks no promise', () => {
  expect(judge({})).toMatchObject({ violations: [], repeats: [] });
});

const toBot = 'send-commands → bot_url';
const toResults = 'send-commands → send-results';
const letter = { stage: 'outbound', reason: 'attempts-exhausted', topic: 'commands', partition: 0, offset: 2 };

it.each<[string, Partial<Case>, [string, string, RegExp]]>([
  [
    'acknowledged and not in its topic',
    { commands: kept.commands.slice(1), results: kept.results.slice(1), receipts: kept.receipts.slice(1) },
    [toResults, 'lost', /c-1 was acknowledged/],
  ],
  ['without a result', { results: without(kept.results, 1) }, [toResults, 'lost', /c-2 \(0@2\) has no result/]],
  ['sent and never received', { receipts: without(kept.receipts, 1) }, [toBot, 'lost', /c-2 .* never got it/]],
  [
    'failed without a dead letter',
    { results: kept.results.with(1, result(2, { outcome: 'failed' })) },
    [toResults, 'lost', /c-2 .* ended as failed, without a dead letter/],
  ],
  [
    'called a duplicate, which it is not',
    { results: kept.results.with(1, result(2, { outcome: 'duplicate' })) },
    [toResults, 'other', /c-2 .* ended as duplicate/],
  ],
  [
    'a second result of another content',
    { results: [...kept.results, result(2, { value: 'something else' })] },
    [toResults, 'doubled', /c-2 .*something else/],
  ],
  [
    'the same result again for no reason',
    { results: [...kept.results, result(2, { at: 9_000 })] },
    [toResults, 'doubled', /c-2 .*the same bytes/],
  ],
  [
    'a result of no command',
    { results: [...kept.results, result(9)] },
    [toResults, 'other', /a result for 0@9, where there is no command/],
  ],
  [
    'received twice for no reason',
    { receipts: [...kept.receipts, receipt(4, 4_500)] },
    [toBot, 'doubled', /c-4 came again at 4.5 s, 0.5 s later, after its result, and nothing explains it/],
  ],
  [
    'received out of order',
    { receipts: [receipt(1), receipt(3), receipt(2), receipt(4)] },
    [toBot, 'out of order', /c-2 came for the first time after c-3/],
  ],
  [
    'received, and in no topic',
    { receipts: [...kept.receipts, receipt(8)] },
    [toBot, 'other', /the bot got c-8, which is in no topic/],
  ],
])('finds what is %s, and nothing else', (_what, change, [hop, fault, detail]) => {
  expect(faultsOf(change)).toEqual([[hop, fault, expect.stringMatching(detail)]]);
});

it('a command that failed with a dead letter was not lost', () => {
  const failed = {
    results: kept.results.with(1, result(2, { outcome: 'failed' })),
    receipts: without(kept.receipts, 1),
  };
  expect(faultsOf({ ...failed, deadLetters: [letter] })).toEqual([]);
});

/** The third came again before it had a result. */
const again = {
  receipts: [...kept.receipts.slice(0, 3), receipt(3, 3_900), receipt(4)],
  results: kept.results.with(2, result(3, { at: 4_000 })),
};

it.each<[string, Partial<Happening>]>([
  ['a kill of outbound', {}],
  ['a stop of outbound', { name: 'stop' }],
  ['a cut before the bot', { name: 'bot-cut' }],
  ['a stall of the broker', { name: 'broker-pause' }],
])('a repeat is explained by %s', (_what, change) => {
  const { violations, repeats } = judge(again, [{ ...kill, ...change }]);
  expect(violations).toEqual([]);
  expect(repeats?.map(({ detail }) => detail)).toEqual(['c-3 came again at 3.9 s, 0.9 s later']);
});

it('a repeat is explained by an answer that was lost on demand', () => {
  const receipts = [receipt(1), receipt(2, 2_000, 'reset'), receipt(2, 2_500), receipt(3), receipt(4)];
  expect(judge({ receipts })).toMatchObject({
    violations: [],
    repeats: [{ because: ["the bot's answer was lost on demand (reset)"] }],
  });
});

it('what came three times needs a reason for each repeat', () => {
  const receipts = [
    receipt(1),
    receipt(2, 2_000, 'reset'),
    receipt(2, 2_500),
    receipt(2, 2_900),
    receipt(3),
    receipt(4),
  ];
  expect(faultsOf({ receipts })).toEqual([[toBot, 'doubled', expect.stringContaining('c-2 came again at 2.9 s')]]);
});

it.each<[string, Partial<Happening>]>([
  ['a stop by SIGTERM', { name: 'term' }],
  ['a member that joins', { name: 'join', member: 'outbound-3' }],
  ['a slow network', { name: 'kafka-delay' }],
  ['a killed router', { member: 'router-1' }],
  ['a kill that was before', { from: 1_000, to: 2_900 }],
  ['a cut that was long before', { name: 'bot-cut', from: 1_000, to: 1_900 }],
  ['a kill that came after', { from: 3_950 }],
])('a repeat is not explained by %s', (_what, change) => {
  expect(faultsOf(again, [{ ...kill, ...change }])).toEqual([[toBot, 'doubled', expect.stringContaining('c-3')]]);
});

it('what has a result is not sent again after a kill, but by one who slept', () => {
  const late = { receipts: [...kept.receipts, receipt(3, 4_900)] };
  const detail = 'c-3 came again at 4.9 s, 1.9 s later, after c-4, after its result';
  expect(faultsOf(late, [kill])).toEqual([[toBot, 'doubled', `${detail}, and nothing explains it`]]);
  expect(judge(late, [{ ...kill, name: 'stop' }])).toMatchObject({ violations: [], repeats: [{ detail }] });
});

it('repeats go back only in order', () => {
  const back = (first: number, second: number) => ({
    results: kept.results.map((one) => ({ ...one, at: 5_000 })),
    receipts: [...kept.receipts, receipt(first, 4_500), receipt(second, 4_600)],
  });
  const killed = [{ ...kill, to: 4_400 }];
  expect(faultsOf(back(3, 4), killed)).toEqual([]);
  expect(faultsOf(back(4, 3), killed)).toEqual([[toBot, 'out of order', expect.stringContaining('repeat of c-3')]]);
});

it('the same result again is allowed when the answer of the broker may have been lost', () => {
  const results = [...kept.results, result(2, { at: 4_000 })];
  const cut: Happening = { name: 'kafka-cut', from: 2_050, to: 3_000 };
  expect(judge({ results }, [cut])).toMatchObject({ violations: [], repeats: [{ because: ['kafka-cut'] }] });
  const stop: Happening = { ...kill, name: 'stop' };
  expect(judge({ results }, [stop])).toMatchObject({ violations: [], repeats: [{ because: ['stop of outbound-1'] }] });
  expect(faultsOf({ results }, [kill])).toEqual([[toResults, 'doubled', expect.stringContaining('c-2')]]);
});
