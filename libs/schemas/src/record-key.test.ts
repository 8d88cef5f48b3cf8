import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordKey } from './record-key.ts';

test.each([
  [{ connection: 'acme', conversationId: '501', contactId: 'c', eventId: 'e' }, 'acme/501'],
  [{ connection: 'acme', contactId: 'cliente-77', eventId: 'e' }, 'acme/contact/cliente-77'],
  [{ connection: 'acme', eventId: '01J-0' }, 'acme/event/01J-0'],
  [{ connection: 'acme', conversationId: '', contactId: 'c' }, 'acme/contact/c'],
  [{ connection: 'acme', conversationId: 'contact/a b' }, 'acme/contact%2Fa%20b'],
  [{ connection: 'acme', conversationId: 'São 🚀' }, 'acme/S%C3%A3o%20%F0%9F%9A%80'],
  [{ connection: 'acme', conversationId: '\ud800' }, 'acme/%EF%BF%BD'],
])('the key of %j is %s', (ids, key) => {
  expect(recordKey(ids)).toBe(key);
});

test('without any id there is no key', () => {
  expect(() => recordKey({ connection: 'acme' })).toThrow(TypeError);
});

test('different ids never share a key', () => {
  const tricky = fc.constantFrom('contact', 'event', 'a', 'contact/a', 'a/b', '%2F', '/', 'é');
  const id = fc.oneof(tricky, fc.string({ minLength: 1, unit: 'grapheme' }));
  const ids = fc.oneof(fc.record({ conversationId: id }), fc.record({ contactId: id }), fc.record({ eventId: id }));
  fc.assert(
    fc.property(ids, ids, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      const [a, b] = [one, other].map((of) => recordKey({ connection: 'acme', ...of }));
      expect(a === b).toBe(same);
    }),
    { numRuns: 1000 },
  );
});
