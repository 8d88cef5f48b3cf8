import { keyMark } from '@bridge/schemas';
import { printable } from '../printable.ts';
import type { Finding } from './find-signature.ts';
import type { Sample } from './sample.ts';

/** What was found, for people. */
export function describeFinding({ header, key, method, content, written }: Finding): string[] {
  const { encoding, before } = written;
  const after = before === '' ? '' : `, after "${printable(before)}"`;
  const decoded = key.form === 'text' ? '' : `, read as ${key.form}`;
  return [
    `header    ${printable(header)}: ${encoding}${after}`,
    `method    ${method.name}`,
    `signed    ${content.name}`,
    `key       ${method.isChecksum ? 'none: whoever writes the body can make it, so it proves nothing' : `${key.name}${decoded}`}`,
  ];
}

/** Why bridge.yaml cannot say what was found. */
export function whyNotConfigurable({ key, method, content, written }: Finding): string {
  const reasons = [
    method.algorithm === undefined && `the method (${method.name})`,
    key.form !== 'text' && `the key, which is read as ${key.form}`,
    written.encoding === 'base64 of the hex' && 'base64 of the hex digits',
    content.configured === undefined && `what is signed (${content.name})`,
  ].filter((reason) => reason !== false);
  return reasons.join(', and ') || 'the time, or what stands around the signature';
}

const lengthsOfHex: Record<number, string> = {
  32: 'MD5',
  40: 'SHA-1',
  56: 'SHA-224',
  64: 'SHA-256',
  96: 'SHA-384',
  128: 'SHA-512',
};
const lengthsOfBase64: Record<number, string> = { 22: 'MD5', 27: 'SHA-1', 43: 'SHA-256', 64: 'SHA-384', 86: 'SHA-512' };

/** What in a sample is worth a look when nothing was found. */
export function clues({ headers, body }: Sample): string[] {
  const length = headers.find(({ name }) => name === 'content-length')?.value;
  const cut =
    length !== undefined && Number(length) !== body.length
      ? [`content-length says ${printable(length)} bytes, the body has ${body.length}: it is not what was sent`]
      : [];
  return [...cut, ...headers.flatMap(({ name, value }) => clue(printable(name), value))];
}

function clue(name: string, value: string): string[] {
  if (value.includes(keyMark)) {
    return [`${name} carries the verification key itself: that is no signature, and the bridge cannot check it`];
  }
  if (name === 'authorization') return [`${name} came with a credential, which is not captured`];
  const hex = value
    .match(/(?<![\da-f])[\da-f]{32,128}(?![\da-f])/gi)
    ?.map(({ length }) => [length, 'hex digits', lengthsOfHex[length]]);
  const base64 = value
    .match(/(?<![\w+/-])[\w+/-]{22,86}(?![\w+/-])/g)
    ?.map(({ length }) => [length, 'base64 characters', lengthsOfBase64[length]]);
  const [found] = [...(hex ?? []), ...(base64 ?? [])].filter(([, , method]) => method !== undefined);
  return found ? [`${name} has ${found[0]} ${found[1]}, as ${found[2]} makes them`] : [];
}
