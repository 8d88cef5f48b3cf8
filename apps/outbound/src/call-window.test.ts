import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCallWindow } from './call-window.ts';

test('counts what a list of all calls would count, by whole seconds', () => {
  const call = fc.record({ afterMs: fc.nat(5_000), failed: fc.boolean() });
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 200 }), (given) => {
      const window = createCallWindow(30_000);
      const all: { second: number; failed: boolean }[] = [];
      let now = 0;
      for (const { afterMs, failed } of given) {
        now += afterMs;
        window.add(now, failed);
        all.push({ second: Math.floor(now / 1_000), failed });
        const recent = all.filter(({ second }) => second > Math.floor(now / 1_000) - 30);
        expect(window.counts()).toEqual({
          calls: recent.length,
          failed: recent.filter((one) => one.failed).length,
        });
      }
    }),
  );
});

test('what was cleared counts no more', () => {
  const window = createCallWindow(30_000);
  window.add(0, true);
  window.clear();
  window.add(1, false);
  expect(window.counts()).toEqual({ calls: 1, failed: 0 });
});
