import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OffsetSet } from './offset-set.ts';

test('it has what was added and nothing else, wherever the offsets lie', () => {
  const near = fc.integer({ min: 8_180, max: 8_210 });
  const offset = fc.oneof(near, fc.nat(), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(offset), fc.array(offset), (added, others) => {
      const set = new OffsetSet();
      for (const one of added) set.add(one);
      for (const one of [...added, ...others]) expect(set.has(one)).toBe(added.includes(one));
    }),
  );
});
