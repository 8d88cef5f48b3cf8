// Control characters and the marks that reorder text: whoever writes to a conversation could otherwise repaint the
// operator's terminal.
const unprintable = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Text of a stranger on one line, with whatever a terminal would obey shown as an escape. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === '\n') return String.raw`\n`;
    if (character === '\t') return String.raw`\t`;
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** The same in quotes, and cut after `length` characters. */
export function quoted(text: string, length = 200): string {
  // A pair of surrogates that the cut would part loses its first half.
  const cut = text.length > length ? `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
  return `"${printable(cut)}"`;
}
