import { createHmac } from 'node:crypto';
import type { SignatureScheme } from './scheme.ts';

/** The HMAC of the body, or of `timestamp.body` when a timestamp is given. */
export function digest(
  algorithm: SignatureScheme['algorithm'],
  secret: string,
  body: Uint8Array,
  timestamp: string | undefined,
): Buffer {
  const hmac = createHmac(algorithm, secret);
  if (timestamp !== undefined) hmac.update(`${timestamp}.`);
  return hmac.update(body).digest();
}
