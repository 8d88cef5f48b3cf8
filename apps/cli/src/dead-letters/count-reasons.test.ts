import { expect, it } from 'vitest';
import { countReasons } from './count-reasons.ts';
import { letterOf } from './dead-letter.fixture.ts';

it('reasons are counted by app and topic, the most frequent first', () => {
  const [early, late] = [Date.parse('2026-11-23T12:00:00Z'), Date.parse('2026-11-23T13:00:00Z')];
  const router = { stage: 'router', topic: 'nicochat.inbound-events.v1', reason: 'invalid' };
  const counts = countReasons([
    letterOf('1@0', 1, { reason: 'invalid' }),
    letterOf('1@1', 1, { ...router, timestampMs: late }),
    letterOf('1@2', 2, { ...router, timestampMs: early }),
    { ...letterOf('1@3', 2), origin: undefined },
  ]);
  expect(counts).toEqual([
    { ...router, count: 2, newestMs: late },
    { stage: 'outbound', topic: 'nicochat.send-commands.v1', reason: 'invalid', count: 1, newestMs: early },
    { stage: 'outbound', topic: '?', reason: 'rejected', count: 1, newestMs: early },
  ]);
});
