import { describe, expect, it } from 'vitest';
import { consumedRecord } from './consumed-record.fixture.ts';
import { recordIdentity } from './record-identity.ts';

const value = { connection: 'acme', conversation: { id: '501' } };

describe('whose a record is', () => {
  it.each([
    ['its value says it', null, value, { connection: 'acme', conversation: '501' }],
    ['the value counts more than the key', 'other/9', value, { connection: 'acme', conversation: '501' }],
    ['else its key does', 'acme/501', 'no object', { connection: 'acme', conversation: '501' }],
    ['ids in keys are percent-encoded', 'acme/a%2Fb%20c', null, { connection: 'acme', conversation: 'a/b c' }],
    ['a broken escape is taken as it is', 'acme/100%', null, { connection: 'acme', conversation: '100%' }],
    ['a contact is no conversation', 'acme/contact/7', null, { connection: 'acme' }],
    ['an event is no conversation', 'acme/event/01J-0', null, { connection: 'acme' }],
    ['a foreign key says nothing', 'whatever', null, {}],
    ['no key says nothing', null, null, {}],
    ['odd types say nothing', null, { connection: 7, conversation: null }, {}],
  ])('%s', (_case, key, parsed, identity) => {
    expect(recordIdentity(consumedRecord('', { key }), parsed)).toEqual(identity);
  });
});
