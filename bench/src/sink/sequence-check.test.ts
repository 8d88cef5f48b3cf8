import { expect, it } from 'vitest';
import { createSequenceCheck } from './sequence-check.ts';

/** `a0` is the arrival of message 0 of conversation a, `-a` its answer. */
function watch(steps: string) {
  const check = createSequenceCheck();
  for (const step of steps.split(' ')) {
    if (step.startsWith('-')) check.answered(step.slice(1));
    else check.arrived(step.slice(0, 1), Number(step.slice(1)));
  }
  return check.report();
}

const clean = { duplicates: 0, gaps: 0, overlaps: 0, examples: [] };

it('order within conversations, which run side by side, is as it should be', () => {
  expect(watch('a0 b0 -b b1 -a a1 -a -b a2')).toEqual({
    ...clean,
    received: 5,
    delivered: 5,
    mostInFlight: 2,
    conversations: 2,
  });
});

it.each([
  ['one that is left out', 'a0 -a a2 -a', { gaps: 1, delivered: 2, examples: ['a: 2 came where 1 was due'] }],
  ['two that change places', 'a0 -a a2 -a a1 -a', { gaps: 1, duplicates: 1, delivered: 2 }],
  ['one that comes again', 'a0 -a a1 -a a0 -a', { duplicates: 1, delivered: 2, examples: ['a: 0 came again'] }],
  ['two at once', 'a0 a1 -a -a', { overlaps: 1, examples: ['a: 1 came while another was under way'] }],
  ['a conversation without its beginning', 'a3 -a', { gaps: 1, delivered: 1 }],
])('it finds %s', (_, steps, expected) => {
  expect(watch(steps)).toMatchObject({ ...clean, examples: expect.any(Array), ...expected });
});

it('the most in flight counts over all conversations', () => {
  expect(watch('a0 b0 c0 -a d0 -b -c -d e0').mostInFlight).toBe(3);
});
