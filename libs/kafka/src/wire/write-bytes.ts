/** Up to here a loop is quicker than a call into Node. */
const shortText = 64;

/** The bytes of a text in UTF-8. */
export function textBytes(text: string): number {
  if (text.length > shortText) return Buffer.byteLength(text);
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}

/** Writes a text of so many bytes at `start`; gives back where it ends. */
export function writeText(to: Buffer, text: string, bytes: number, start: number): number {
  if (bytes !== text.length || bytes > shortText) return start + to.write(text, start);
  for (let at = 0; at < bytes; at += 1) to[start + at] = text.charCodeAt(at);
  return start + bytes;
}

/** The bytes of an integer within 53 bits in Kafka's form (zigzag, seven bits a byte). */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** Writes it at `start`; gives back where it ends. */
export function writeVarint(to: Buffer, value: number, start: number): number {
  let at = start;
  let rest = zigzag(value);
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) {
    to[at] = (rest % 0x80) | 0x80;
    at += 1;
  }
  to[at] = rest;
  return at + 1;
}

const zigzag = (value: number) => (value >= 0 ? value * 2 : -value * 2 - 1);
