import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliveryDepth, parseJson, rawNumberText, stringifyJson } from './lossless-json.ts';

const nested = (depth: number, inside = '') => '['.repeat(depth) + inside + ']'.repeat(depth);

describe('parseJson and stringifyJson', () => {
  test.each([
    '12345678901234567890',
    '-9007199254740993',
    '9007199254740993',
    '1.0',
    '1.50',
    '1e400',
    '1E2',
    '-0',
    '0.1000000000000000055511151231257827',
    '{"a":[1,2.5,{"b":9007199254740993}],"c":"9007199254740993"}',
    '{"__proto__":{"polluted":1.0},"constructor":null}',
    '"\\ud800"',
    '"ação 🚀"',
    'null',
  ])('%s comes out as it went in', (text) => {
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test('a number that JavaScript writes the same way is a plain number', () => {
    expect(parseJson('[1,2.5,-3,0.25]')).toEqual([1, 2.5, -3, 0.25]);
    expect(rawNumberText(parseJson('1'))).toBeUndefined();
    expect(rawNumberText(parseJson('1.0'))).toBe('1.0');
    expect(rawNumberText(parseJson(' 1.0'))).toBe('1.0');
    expect(stringifyJson(parseJson('[\n  1.0,\n  { "a":\t2.0 }]'))).toBe('[1.0,{"a":2.0}]');
  });

  test('an object that looks like a kept number is not one', () => {
    expect(rawNumberText(parseJson('{"rawJSON":"1.0"}'))).toBeUndefined();
  });

  test('a key named __proto__ changes no prototype', () => {
    const parsed = parseJson('{"__proto__":{"x":1.0}}');
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.hasOwn(parsed as object, '__proto__')).toBe(true);
  });

  test.each(['', '{', '[1,]', 'undefined', '01', '[1.0,]'])('%j is a SyntaxError', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  test.each(['', '1.0'])('nesting is allowed to the limit and refused beyond it, around %j', (inside) => {
    expect(stringifyJson(parseJson(nested(1000, inside)))).toBe(nested(1000, inside));
    expect(() => parseJson(nested(1001, inside))).toThrow(/SyntaxError|nests deeper than 1000/);
    expect(() => parseJson(nested(200_000, inside))).toThrow(SyntaxError);
    expect(() => parseJson(nested(deliveryDepth + 1, inside), { maxDepth: deliveryDepth })).toThrow(SyntaxError);
  });

  test('brackets within a string are no nesting', () => {
    const text = JSON.stringify(`\\"${'['.repeat(5000)}`);
    expect(parseJson(text)).toBe(JSON.parse(text));
  });

  test('a long flat text is not deep', () => {
    const text = `[${'[],'.repeat(5000)}[]]`;
    expect(parseJson(text)).toHaveLength(5001);
  });

  test.each([undefined, () => 1])('stringifyJson refuses %s', (value) => {
    expect(() => stringifyJson(value)).toThrow(TypeError);
  });

  test('any JSON text that JavaScript writes comes out the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
    );
  });

  test('any number keeps its text', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        expect(stringifyJson(parseJson(`{"n":[${text}]}`))).toBe(`{"n":[${text}]}`);
      }),
      { numRuns: 1000 },
    );
  });
});
