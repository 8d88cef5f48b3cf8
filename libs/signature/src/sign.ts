import { digest } from './digest.ts';
import type { SignatureScheme } from './scheme.ts';

/**
 * Signs a body as the scheme says.
 *
 * @param input.body the bytes exactly as they will be sent
 * @param input.now the time to sign with, for `timestamp.body`; the current time when absent
 * @returns the headers to send: the first of `scheme.headers`, and the timestamp's where one is signed
 * @throws TypeError when the secret is empty or the scheme names no header
 */
export function sign(input: {
  body: Uint8Array;
  secret: string;
  scheme: SignatureScheme;
  now?: Date;
}): Record<string, string> {
  const { body, secret, scheme, now = new Date() } = input;
  const [header] = scheme.headers;
  if (secret === '') throw new TypeError('cannot sign with an empty secret');
  if (header === undefined) throw new TypeError('cannot sign: the scheme names no header');
  const timestamp = scheme.signedContent === 'body' ? undefined : String(Math.floor(now.getTime() / 1000));
  const encoding = scheme.encoding === 'base64' ? 'base64' : 'hex';
  const signature = digest(scheme.algorithm, secret, body, timestamp).toString(encoding);
  return {
    [header]: scheme.prefix + signature,
    ...(timestamp !== undefined && { [scheme.timestampHeader]: timestamp }),
  };
}
