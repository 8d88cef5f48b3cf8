import { expect, it } from 'vitest';
import { checkWebhooks } from './check-webhooks.ts';
import type { EventRecord, Refusal, SentWebhook } from './evidence.ts';
import type { Happening } from './timeline.ts';

const key = 'acme/501';
const webhook = (number: number, accepted = true, refusals: Refusal[] = []): SentWebhook => ({
  key,
  number,
  accepted,
  refusals,
});
const records = (topic: string, numbers: number[]): EventRecord[] =>
  numbers.map((number, offset) => ({ topic, partition: 0, offset, key, number }));

type Case = Parameters<typeof checkWebhooks>[0];
const kept: Case = {
  webhooks: [webhook(1), webhook(2), webhook(3, false), webhook(4)],
  // The second was stored twice, and the third though it was not answered 200.
  inbound: records('inbound', [1, 2, 2, 3, 4]),
  channels: records('channel', [1, 2, 3, 4]),
  deadLetters: [],
};
const faultsOf = (evidence: Case, { happenings = [] as Happening[], spool = false, hasForgotten = false } = {}) =>
  checkWebhooks(evidence, { happenings, startedAt: 0, spool, hasForgotten }).violations?.map(
    ({ hop, fault, detail }) => [hop, fault, detail],
  );

it('a run in which all came once and in order breaks no promise', () => {
  expect(checkWebhooks(kept, { happenings: [], startedAt: 0, spool: true, hasForgotten: false })).toMatchObject({
    violations: [],
    checked: { 'webhook → inbound-events': 3, 'inbound-events → channels': 4 },
  });
});

it('what was not answered 200 need not arrive', () => {
  const without = { inbound: records('inbound', [1, 2, 4]), channels: records('channel', [1, 2, 4]) };
  expect(faultsOf({ ...kept, ...without })).toEqual([]);
});

it.each<[string, Partial<Case>, [string, string, RegExp]]>([
  [
    'lost before inbound-events',
    { inbound: records('inbound', [1, 3, 4]), channels: records('channel', [1, 3, 4]) },
    ['webhook → inbound-events', 'lost', /^acme\/501 #2/],
  ],
  [
    'lost by the router',
    { channels: records('channel', [1, 3, 4]) },
    ['inbound-events → channels', 'lost', /^acme\/501 #2/],
  ],
  [
    'doubled',
    { channels: records('channel', [1, 2, 2, 3, 4]) },
    ['inbound-events → channels', 'doubled', /^acme\/501 #2, 2 times/],
  ],
  [
    'doubled, and never answered 200',
    { channels: records('channel', [1, 2, 3, 3, 4]) },
    ['inbound-events → channels', 'doubled', /^acme\/501 #3, 2 times/],
  ],
  [
    'out of order in a channel',
    { channels: records('channel', [1, 3, 2, 4]) },
    ['inbound-events → channels', 'out of order', /#2 after #3, in channel 0@2/],
  ],
  [
    'out of order in inbound-events',
    { inbound: records('inbound', [1, 2, 4, 3]) },
    ['webhook → inbound-events', 'out of order', /#3 after #4/],
  ],
  [
    'out of nowhere',
    { channels: records('channel', [1, 2, 3, 4, 5]) },
    ['inbound-events → channels', 'other', /#5 was never sent/],
  ],
  [
    'a dead letter of the router',
    { deadLetters: [{ stage: 'router', reason: 'unroutable', topic: 'inbound', partition: 0, offset: 7 }] },
    ['inbound-events → channels', 'other', /0@7 is a dead letter: unroutable/],
  ],
])('finds what is %s, and nothing else', (_what, change, [hop, fault, detail]) => {
  expect(faultsOf({ ...kept, ...change })).toEqual([[hop, fault, expect.stringMatching(detail)]]);
});

const refused = (refusal: Partial<Refusal>): Case => ({
  ...kept,
  webhooks: kept.webhooks.with(1, webhook(2, true, [{ from: 5_000, to: 5_100, ...refusal }])),
});
const kill: Happening = { name: 'kill', member: 'ingress-1', from: 4_000, to: 6_000 };
const toInbound = 'webhook → inbound-events';

it.each<[string, Case, { happenings?: Happening[]; spool?: boolean }]>([
  ['503 without a spool', refused({ status: 503 }), {}],
  ['no answer while ingress is killed', refused({}), { happenings: [kill], spool: true }],
  ['no answer while ingress is restarted', refused({}), { happenings: [{ ...kill, name: 'term' }] }],
  ['no answer after ingress ended by itself', refused({}), { happenings: [{ ...kill, name: 'crash' }] }],
])('%s refuses a webhook, and breaks no promise', (_what, evidence, circumstances) => {
  expect(faultsOf(evidence, circumstances)).toEqual([]);
});

it.each<[string, Case, { happenings?: Happening[]; spool?: boolean }, string]>([
  ['503 with a spool', refused({ status: 503 }), { happenings: [kill], spool: true }, 'answered 503 at 5.1 s'],
  ['another status', refused({ status: 500 }), { happenings: [kill] }, 'answered 500 at 5.1 s'],
  ['no answer, and nothing happened', refused({}), {}, 'got no answer at 5.1 s'],
  [
    'no answer long after a kill',
    refused({ from: 8_000, to: 8_100 }),
    { happenings: [kill] },
    'got no answer at 8.1 s',
  ],
  [
    'no answer while a router is killed',
    refused({}),
    { happenings: [{ ...kill, member: 'router-1' }] },
    'got no answer at 5.1 s',
  ],
])('%s breaks a promise', (_what, evidence, circumstances, detail) => {
  expect(faultsOf(evidence, circumstances)).toEqual([[toInbound, 'other', `acme/501 #2 ${detail}`]]);
});

it('what may have come twice by a fault of Kafka is told, and breaks no promise', () => {
  const doubled = { ...kept, channels: records('channel', [1, 2, 2, 3, 4]) };
  expect(faultsOf(doubled)).toHaveLength(1);
  const history = { happenings: [], startedAt: 0 };
  expect(checkWebhooks(doubled, { ...history, spool: true, hasForgotten: true })).toMatchObject({
    violations: [],
    repeats: [{ detail: 'acme/501 #2, 2 times', because: ['Kafka forgot the end of a transaction'] }],
  });
});
