import { describe, expect, it } from 'vitest';
import { accountLines, brokenPromises, createAccount } from './account.ts';
import type { GoodWebhooks, Memory } from './account.ts';
import type { Sighting } from './perform-attack.ts';

const MiB = 1_048_576;
const requests = 20_000;
const memory: Memory = { begin: 80 * MiB, thirds: [100 * MiB, 110 * MiB, 129 * MiB], most: 140 * MiB };
const good: GoodWebhooks = { answers: new Map([['200', 50]]), stored: 50 };

describe('a hostile request', () => {
  it.each<[string, Sighting]>([
    ['is refused', { statuses: [400], ending: 'answered' }],
    ['is told to go on, and then refused', { statuses: [100, 401], ending: 'answered' }],
    ['is cut off', { statuses: [], ending: 'closed' }],
    ['leaves', { statuses: [], ending: 'left' }],
  ])('that %s breaks no promise', (_what, sighting) => {
    const account = createAccount();
    account.note(1, 'odd', sighting);
    expect(account.broken).toEqual([]);
  });

  it.each<[Sighting, string]>([
    [{ statuses: [200, 500], ending: 'answered' }, 'request 7 (odd) was answered 500'],
    [{ statuses: [503], ending: 'closed' }, 'request 7 (odd) was answered 503'],
    [{ statuses: [], ending: 'hanging' }, 'request 7 (odd) was neither answered nor closed'],
    [{ statuses: [], ending: 'refused' }, 'request 7 (odd) could not connect'],
  ])('with %j breaks one', (sighting, complaint) => {
    const account = createAccount();
    account.note(7, 'odd', sighting);
    expect(account.broken).toEqual([complaint]);
  });
});

describe('the run', () => {
  it('keeps its promises when all good webhooks are stored and memory is flat', () => {
    expect(brokenPromises({ good, memory, requests })).toEqual([]);
  });

  it('is too short to say whether memory is flat', () => {
    const growing = { ...memory, thirds: [100 * MiB, 150 * MiB, 200 * MiB] };
    expect(brokenPromises({ good, memory: growing, requests: 3_000 })).toEqual([]);
  });

  it.each<[Partial<GoodWebhooks>, Partial<Memory>, string]>([
    [{ answers: new Map([...good.answers, ['503', 2]]) }, {}, '2 good webhooks were answered 503'],
    [{ answers: new Map() }, {}, 'no good webhook was answered 200'],
    [{ stored: 49 }, {}, '1 good webhooks with 200 are not in the topic'],
    [
      {},
      { thirds: [100 * MiB, 110 * MiB, 131 * MiB] },
      'memory grew from 100 MiB to 131 MiB over two thirds of the run',
    ],
  ])('with %j and %j does not', (change, memoryChange, complaint) => {
    const broken = brokenPromises({ good: { ...good, ...change }, memory: { ...memory, ...memoryChange }, requests });
    expect(broken).toEqual([complaint]);
  });
});

it('counts by kind', () => {
  const account = createAccount();
  account.note(1, 'odd', { statuses: [400], ending: 'answered' });
  account.note(2, 'odd', { statuses: [400], ending: 'answered' });
  account.note(3, 'odd', { statuses: [100, 400, 400], ending: 'answered' });
  account.note(4, 'odd', { statuses: [], ending: 'closed' });
  expect(accountLines({ account, good, memory })[0]).toMatch(/^odd +4 {2}400: 3, 100: 1, closed: 1$/);
});
