import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createProgress } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('work that takes long says how far it is, and not more often than every two seconds', () => {
  const notes: string[] = [];
  const advance = createProgress({ note: (line) => notes.push(line) }, 'reading t', 10);
  for (let done = 0; done < 5; done += 1) {
    vi.advanceTimersByTime(1_000);
    advance();
  }
  expect(notes).toEqual(['reading t: 2 of 10…', 'reading t: 4 of 10…']);
});

it('work that is quick says nothing', () => {
  const notes: string[] = [];
  const advance = createProgress({ note: (line) => notes.push(line) }, 'reading t', 10);
  for (let done = 0; done < 10; done += 1) advance();
  expect(notes).toEqual([]);
});
