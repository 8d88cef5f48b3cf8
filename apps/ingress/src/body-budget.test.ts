import { expect, test } from 'vitest';
import { createBodyBudget } from './body-budget.ts';

/** A budget of 640 bytes, and who of those that read was shed. */
function world() {
  const budget = createBodyBudget(10);
  const shed: string[] = [];
  const open = (name: string) => budget.open(() => shed.push(name));
  return { budget, shed, open };
}

test('whoever reads longest gives way, as many as it takes', () => {
  const { budget, shed, open } = world();
  for (const name of ['a', 'b', 'c']) expect(open(name).take(200)).toBe(true);
  expect(open('d').take(300)).toBe(true);
  expect(shed).toEqual(['a', 'b']);
  expect(budget.usedBytes()).toBe(500);
});

test('nobody gives way while all fit', () => {
  const { budget, shed, open } = world();
  expect(open('a').take(320)).toBe(true);
  expect(open('b').take(320)).toBe(true);
  expect([shed, budget.usedBytes()]).toEqual([[], 640]);
});

test('what reads longest may be the one that wants more', () => {
  const { budget, shed, open } = world();
  const longest = open('a');
  longest.take(400);
  open('b').take(200);
  expect(longest.take(400)).toBe(false);
  expect([shed, budget.usedBytes()]).toEqual([['a'], 200]);
});

test('a body that is whole gives way to nobody, and leaves room when it is stored', () => {
  const { budget, shed, open } = world();
  const whole = open('whole');
  whole.take(600);
  whole.keep();
  expect(open('b').take(100)).toBe(false);
  expect(shed).toEqual(['b']);
  whole.close();
  whole.close();
  expect(budget.usedBytes()).toBe(0);
  expect(open('c').take(100)).toBe(true);
});
