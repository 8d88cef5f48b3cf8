import { describe, expect, it } from 'vitest';
import { printable, quoted } from './printable.ts';

describe('text of a stranger', () => {
  it.each([
    ['a terminal escape', '\u001B[2Jgone', String.raw`\u001b[2Jgone`],
    ['a line break', 'two\nlines', String.raw`two\nlines`],
    ['a tab', 'a\tb', String.raw`a\tb`],
    ['a mark that turns text around', 'exe\u202Egnp', String.raw`exe\u202egnp`],
    ['a C1 control', '\u009B31m', String.raw`\u009b31m`],
    ['plain text in any script', 'Olá 👋 日本', 'Olá 👋 日本'],
  ])('is printed with %s harmless', (_case, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('is cut where it is long, and never inside a character', () => {
    expect(quoted('abcdef', 3)).toBe('"abc…"');
    expect(quoted('ab👋cd', 3)).toBe('"ab…"');
    expect(quoted('abc', 3)).toBe('"abc"');
  });
});
