import type { Capture } from '@bridge/schemas';
import { expect, test } from 'vitest';
import { createCaptureStore } from './capture-store.ts';

const start = Date.parse('2026-11-23T12:00:00.000Z');
let number = 0;

function capture(change: Partial<Capture> = {}): Capture {
  number += 1;
  return {
    format: 'nicochat-bridge.capture.v1',
    id: number.toString(16).padStart(8, '0'),
    connection: 'acme',
    at: new Date(start + number).toISOString(),
    verdict: 'mismatch',
    shape: 'aaaaaaaa',
    words: [],
    sizeBytes: 1,
    method: 'POST',
    path: '/webhooks/acme',
    headers: [],
    bodyBase64: '',
    redacted: false,
    ...change,
  };
}

/** As ingress does it. */
function addTo(captures: ReturnType<typeof createCaptureStore>, one: Capture, limit: number): boolean {
  return captures.wants(one, limit) && captures.add(one);
}

const store = (options: Parameters<typeof createCaptureStore>[0] = {}) =>
  createCaptureStore({ now: () => start, ...options });

test('the first so many of a connection, verdict and shape are kept', () => {
  const captures = store();
  const [first, second, third] = [capture(), capture(), capture()];
  expect([first, second, third].map((one) => addTo(captures, one, 2))).toEqual([true, true, false]);
  expect(addTo(captures, capture({ shape: 'bbbbbbbb' }), 2)).toBe(true);
  expect(addTo(captures, capture({ verdict: 'verified' }), 2)).toBe(true);
  expect(addTo(captures, capture({ connection: 'loja' }), 2)).toBe(true);
  expect(captures.list().slice(0, 2)).toEqual([first, second]);
  expect(captures.list()).toHaveLength(5);
  expect(captures.get(third.id)).toBeUndefined();
});

test('beyond the number the oldest of the connection with the most goes, not those of another', () => {
  const captures = store({ maxCaptures: 4 });
  const other = capture({ connection: 'loja' });
  addTo(captures, other, 1);
  const ids = ['1', '2', '3', '4', '5', '6'].map((shape) => {
    const one = capture({ shape: shape.repeat(8) });
    addTo(captures, one, 1);
    return one.id;
  });
  expect(captures.list().map(({ id }) => id)).toEqual([other.id, ...ids.slice(-3)]);
});

test('beyond the bytes likewise, and what is too large alone is not kept and takes no place', () => {
  const captures = store({ maxBytes: 10_000 });
  const [first, second] = [
    capture({ bodyBase64: 'a'.repeat(4_000) }),
    capture({ bodyBase64: 'b'.repeat(4_000), shape: 'b' }),
  ];
  addTo(captures, first, 1);
  addTo(captures, second, 1);
  expect(addTo(captures, capture({ bodyBase64: 'c'.repeat(10_000), shape: 'c' }), 1)).toBe(false);
  expect(captures.list()).toEqual([first, second]);
  expect(addTo(captures, capture({ headers: [['X-Long', 'd'.repeat(4_000)]], shape: 'd' }), 1)).toBe(true);
  expect(captures.list()[0]).toEqual(second);
});

test('a capture is gone after its time, and before it is not', () => {
  let now = start;
  const captures = createCaptureStore({ now: () => now, maxAgeMs: 1_000 });
  const [old, young] = [
    capture({ at: new Date(start).toISOString() }),
    capture({ at: new Date(start + 500).toISOString() }),
  ];
  addTo(captures, old, 5);
  addTo(captures, young, 5);
  now = start + 999;
  expect(captures.get(old.id)).toEqual(old);
  now = start + 1_000;
  expect(captures.get(old.id)).toBeUndefined();
  expect(captures.list()).toEqual([young]);
});

test('captures are deleted one by one and all at once; then there is room again', () => {
  const captures = store();
  const one = capture();
  addTo(captures, one, 1);
  expect(addTo(captures, capture(), 1)).toBe(false);
  expect([captures.delete(one.id), captures.delete(one.id)]).toEqual([true, false]);
  expect(addTo(captures, capture(), 1)).toBe(true);
  expect([captures.clear(), captures.clear(), captures.list().length]).toEqual([1, 0, 0]);
});
