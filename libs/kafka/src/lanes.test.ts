import { expect, test } from 'vitest';
import { Lanes } from './lanes.ts';
import { pause } from './pause.ts';

test('tasks of one lane run one after the other, in order, while another lane goes on', async () => {
  const lanes = new Lanes();
  const log: string[] = [];
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => (release = resolve));
  lanes.push('a', async () => {
    await held;
    log.push('a1');
  });
  lanes.push('a', async () => void log.push('a2'));
  lanes.push('b', async () => void log.push('b1'));
  await pause(5);
  expect(log).toEqual(['b1']);
  expect(lanes.isBusy).toBe(true);
  release();
  await pause(5);
  expect(log).toEqual(['b1', 'a1', 'a2']);
  expect(lanes.isBusy).toBe(false);
});

test('a lane that was emptied takes tasks again', async () => {
  const lanes = new Lanes();
  const log: number[] = [];
  for (const value of [1, 2]) {
    lanes.push('a', async () => void log.push(value));
    await pause(1);
  }
  expect(log).toEqual([1, 2]);
});

test('a task that lets its lane go on is still waited for', async () => {
  const lanes = new Lanes();
  const log: string[] = [];
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => (release = resolve));
  lanes.push('a', async (goOn) => {
    goOn();
    await held;
    log.push('first');
  });
  lanes.push('a', async () => void log.push('second'));
  await pause(5);
  expect(log).toEqual(['second']);
  expect(lanes.isBusy).toBe(true);
  release();
  await pause(5);
  expect(log).toEqual(['second', 'first']);
  expect(lanes.isBusy).toBe(false);
});
