import { expect, test } from 'vitest';
import { judgeRepetition, knownEvent, remember, seenNothing } from './repeated-events.ts';

const event = (number: number) =>
  knownEvent(
    {
      id: `id-${number}`,
      connection: 'acme',
      redeliveryKey: `m${number}/abc/0`,
      author: { kind: 'bot' },
      message: { kind: 'text', text: 'Oi' },
      verified: true,
      receivedAt: '2026-11-23T12:00:00.000Z',
      raw: {},
    },
    0,
  );

test('the last 50,000 events are remembered, and the oldest are forgotten first', () => {
  const seen = seenNothing();
  const handle = (number: number) => {
    const repetition = judgeRepetition(event(number), seen);
    remember(event(number), repetition, seen);
    return repetition;
  };
  for (let number = 0; number < 50_000; number += 1) handle(number);
  expect(handle(0)).toBe('repeated');
  // A repeat does not make it younger.
  expect(handle(50_000)).toBe('first');
  expect([handle(1), handle(50_000)]).toEqual(['repeated', 'repeated']);
  expect(handle(0)).toBe('first');
});
