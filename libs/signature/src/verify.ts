import { timingSafeEqual } from 'node:crypto';
import { digest } from './digest.ts';
import type { SignatureScheme } from './scheme.ts';
import {
  decodeSignature,
  headerValues,
  signatureCandidates,
  timestampInside,
  type SignedHeaders,
} from './signature-header.ts';

/**
 * - `verified`: which header, and which secret by its place in the list (a place above 0 is an old key in use)
 * - `missing`: no candidate header, or no timestamp where one must be signed
 * - `mismatch`: a candidate is there and none is right
 * - `stale`: the signature is right and its timestamp too far from now
 */
export type Verification =
  | { kind: 'verified'; header: string; secretIndex: number }
  | { kind: 'missing' }
  | { kind: 'mismatch' }
  | { kind: 'stale' };

export type VerifyInput = {
  /** The request's bytes as they came: a body parsed and written again has other escapes. */
  body: Uint8Array;
  /** Names in lower case. */
  headers: SignedHeaders;
  /** All are tried, so that a key can be replaced without a gap. Empty ones never verify. */
  secrets: string[];
  scheme: SignatureScheme;
  now: Date;
};

/**
 * Tells whether a request is signed by one of the secrets, comparing in constant time. An empty body never verifies.
 * When several headers are present the best outcome counts: verified, then stale, then mismatch, then missing.
 */
export function verify(input: VerifyInput): Verification {
  const kinds = new Set<Verification['kind']>();
  for (const header of input.scheme.headers) {
    for (const value of headerValues(input.headers, header)) {
      const outcome = verifyValue(input, header, value);
      if (outcome.kind === 'verified') return outcome;
      kinds.add(outcome.kind);
    }
  }
  return { kind: kinds.has('stale') ? 'stale' : kinds.has('mismatch') ? 'mismatch' : 'missing' };
}

function verifyValue(input: VerifyInput, header: string, value: string): Verification {
  const { scheme } = input;
  const candidates = signatureCandidates(value, scheme.prefix);
  if (candidates.length === 0) return { kind: 'missing' };
  if (scheme.signedContent === 'body') return match(input, header, candidates, undefined);

  const sent = headerValues(input.headers, scheme.timestampHeader)[0]?.trim() ?? timestampInside(value);
  if (sent === undefined || !/^\d{1,15}$/.test(sent)) return { kind: 'missing' };
  const outcome = match(input, header, candidates, sent);
  const ageSeconds = input.now.getTime() / 1000 - Number(sent);
  const isStale = Math.abs(ageSeconds) > scheme.toleranceSeconds;
  return outcome.kind === 'verified' && isStale ? { kind: 'stale' } : outcome;
}

function match(
  { body, secrets, scheme }: VerifyInput,
  header: string,
  candidates: string[],
  timestamp: string | undefined,
): Verification {
  if (body.length === 0) return { kind: 'mismatch' };
  for (const [secretIndex, secret] of secrets.entries()) {
    if (secret === '') continue;
    const expected = digest(scheme.algorithm, secret, body, timestamp);
    for (const candidate of candidates) {
      const bytes = decodeSignature(candidate, scheme.encoding, expected.length);
      if (bytes && timingSafeEqual(bytes, expected)) return { kind: 'verified', header, secretIndex };
    }
  }
  return { kind: 'mismatch' };
}
