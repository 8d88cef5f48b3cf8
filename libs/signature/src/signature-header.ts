import type { SignatureScheme } from './scheme.ts';

/** Headers of a request, names in lower case; a repeated header is a list. */
export type SignedHeaders = Record<string, string | string[] | undefined>;

/** The values of a header, none when it is absent. */
export function headerValues(headers: SignedHeaders, name: string): string[] {
  const value = headers[name.toLowerCase()];
  return value === undefined ? [] : [value].flat();
}

const named = /^([A-Za-z][\w-]*)=(.+)$/;

/**
 * Everything in a header's value that may be a signature: the value may be a list (`a, b`), a list of named values
 * (`t=1700000000,v1=ab12`), and each part may carry the scheme's prefix.
 */
export function signatureCandidates(value: string, prefix: string): string[] {
  return withoutPrefix(value.trim(), prefix)
    .split(/[\s,;]+/)
    .map((part) => withoutPrefix(part, prefix))
    .flatMap((part) => [part, named.exec(part)?.[2] ?? ''])
    .filter((part) => part !== '');
}

/** The timestamp inside a signature header (`t=1700000000,v1=ab12`). */
export function timestampInside(value: string): string | undefined {
  return /(?:^|[\s,;])t=(\d+)(?=$|[\s,;])/.exec(value)?.[1];
}

/**
 * The bytes of a written signature, or undefined when it is not one. Base64 must be canonical: a decoder that ignores
 * stray characters and spare bits would take a changed signature for the right one.
 */
export function decodeSignature(
  text: string,
  encoding: SignatureScheme['encoding'],
  lengthBytes: number,
): Buffer | undefined {
  if (encoding !== 'base64' && text.length === lengthBytes * 2 && /^[\da-f]+$/i.test(text)) {
    return Buffer.from(text, 'hex');
  }
  if (encoding === 'hex') return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === lengthBytes && base64Forms(bytes).includes(text) ? bytes : undefined;
}

function base64Forms(bytes: Buffer): string[] {
  const standard = bytes.toString('base64');
  const url = standard.replaceAll('+', '-').replaceAll('/', '_');
  return [standard, url].flatMap((form) => [form, form.replace(/=+$/, '')]);
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
