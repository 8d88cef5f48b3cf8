import { describe, expect, it } from 'vitest';
import { chooseReplication } from './replication.ts';

describe('replication', () => {
  it.each([
    { brokers: 1, asked: {}, chosen: { replication: 1, minInsync: 1 } },
    { brokers: 2, asked: {}, chosen: { replication: 2, minInsync: 1 } },
    { brokers: 3, asked: {}, chosen: { replication: 3, minInsync: 2 } },
    { brokers: 9, asked: {}, chosen: { replication: 3, minInsync: 2 } },
    { brokers: 9, asked: { replication: 5 }, chosen: { replication: 5, minInsync: 4 } },
    { brokers: 3, asked: { minInsync: 1 }, chosen: { replication: 3, minInsync: 1 } },
  ])('of $brokers brokers with $asked is $chosen', ({ brokers, asked, chosen }) => {
    expect(chooseReplication(asked, brokers)).toEqual(chosen);
  });

  it('can not be more than there are brokers', () => {
    expect(() => chooseReplication({ replication: 3 }, 1)).toThrow('only 1 broker');
  });

  it('can not leave fewer copies than must be in sync', () => {
    expect(() => chooseReplication({ replication: 2, minInsync: 3 }, 3)).toThrow('nothing could ever be written');
  });
});
