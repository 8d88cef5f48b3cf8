import { describe, expect, it } from 'vitest';
import { moment, wholeNumber } from './option-values.ts';

describe('an option that is a whole number', () => {
  it.each(['0', '-1', '1.5', 'three', '', '1e3', '99999999999999999999'])('refuses %j', (text) => {
    expect(() => wholeNumber(1)(text)).toThrow('whole number from 1 up');
  });
  it('takes the lowest and others', () => {
    expect(wholeNumber(1)('1')).toBe(1);
    expect(wholeNumber(1)('12')).toBe(12);
  });
});

describe('an option that is a moment', () => {
  it.each(['2026-11-23', '2026-11-23T12:00:00', 'tomorrow', '2026-13-01T00:00:00Z', ''])('refuses %j', (text) => {
    expect(() => moment(text)).toThrow('a moment with a zone');
  });
  it('is turned to UTC', () => {
    expect(moment('2026-11-23T12:00:00-03:00')).toBe('2026-11-23T15:00:00.000Z');
  });
});
