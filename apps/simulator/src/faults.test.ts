import { describe, expect, test } from 'vitest';
import { createFaults, faultSchema } from './faults.ts';

const fault = (given: object) => faultSchema.parse(given);

describe('faults in wait', () => {
  test('meet as many requests as asked, in the order they were asked for', () => {
    const faults = createFaults();
    faults.add('1', fault({ target: 'bot-url', kind: 'status', status: 503, times: 2 }));
    faults.add('1', fault({ target: 'bot-url', kind: 'reset' }));
    const met = [1, 2, 3, 4].map(() => faults.takeForRequest('1', 'bot-url')?.kind);
    expect(met).toEqual(['status', 'status', 'reset', undefined]);
    expect(faults.list('1')).toEqual([]);
  });

  test('meet their own target, workspace and conversation only', () => {
    const faults = createFaults();
    faults.add('1', fault({ target: 'bot-url', kind: 'hang', conversation: 501 }));
    expect(faults.takeForRequest('2', 'bot-url', '501')).toBeUndefined();
    expect(faults.takeForRequest('1', 'management', '501')).toBeUndefined();
    expect(faults.takeForDelivery('1', '501')).toBeUndefined();
    expect(faults.takeForRequest('1', 'bot-url', '502')).toBeUndefined();
    expect(faults.takeForRequest('1', 'bot-url', '501')?.kind).toBe('hang');
  });

  test('without a count stay until they are removed', () => {
    const faults = createFaults();
    faults.add('1', fault({ target: 'delivery', kind: 'forged', times: null }));
    for (let count = 0; count < 5; count += 1) expect(faults.takeForDelivery('1')?.kind).toBe('forged');
    faults.clear('1');
    expect(faults.takeForDelivery('1')).toBeUndefined();
  });
});

describe('a fault', () => {
  test.each([
    ['a status without which', { target: 'bot-url', kind: 'status' }],
    ['a kind of the other side', { target: 'delivery', kind: 'status', status: 500 }],
    ['a field that is misspelt', { target: 'bot-url', kind: 'hang', latency: 5 }],
    ['no target', { kind: 'hang' }],
  ])('is refused with %s', (_what, given) => {
    expect(faultSchema.safeParse(given).success).toBe(false);
  });
});
