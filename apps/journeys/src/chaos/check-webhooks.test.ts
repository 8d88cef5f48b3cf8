import { expect, it } from 'vitest';
import { checkWebhooks } from './check-webhooks.ts';
import type { EventRecord } from './evidence.ts';

const key = 'acme/501';
const webhook = (number: number, accepted = true) => ({ key, number, accepted, tries: 1 });
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
const faultsOf = (evidence: Case) =>
  checkWebhooks(evidence).violations?.map(({ hop, fault, detail }) => [hop, fault, detail]);

it('a run in which all came once and in order breaks no promise', () => {
  expect(checkWebhooks(kept)).toMatchObject({
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
