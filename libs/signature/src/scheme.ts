/** How one connection's webhooks are signed. NicoChat documents none of this, so all of it is configuration. */
export type SignatureScheme = {
  /** Candidate header names, in order of preference; one that verifies is enough. Case does not matter. */
  headers: string[];
  algorithm: 'sha256' | 'sha1' | 'sha512';
  /** `hex` in either case; `base64` with either alphabet, padded or not; `either` takes both (and signs in hex). */
  encoding: 'hex' | 'base64' | 'either';
  /** Put before the signature when signing, removed when present when verifying. */
  prefix: string;
  /** What is signed: the raw body, or the timestamp's text, a dot, and the raw body. */
  signedContent: 'body' | 'timestamp.body';
  /** Header that holds the timestamp in whole seconds since 1970, for `timestamp.body`. */
  timestampHeader: string;
  /** How far a timestamp may lie in the past or in the future, for `timestamp.body`. */
  toleranceSeconds: number;
};

/**
 * The most likely scheme, and only that: HMAC-SHA256 in hex over the raw body is the habit of Meta, of Chatwoot and of
 * Laravel's webhook packages, from which NicoChat's channel takes its words. The timestamp header is Chatwoot's.
 */
export const defaultScheme: SignatureScheme = {
  headers: [
    'x-hub-signature-256',
    'x-hub-signature',
    'x-signature',
    'x-signature-256',
    'x-webhook-signature',
    'x-apichat-signature',
    'x-uchat-signature',
    'signature',
  ],
  algorithm: 'sha256',
  encoding: 'hex',
  prefix: 'sha256=',
  signedContent: 'body',
  timestampHeader: 'x-chatwoot-timestamp',
  toleranceSeconds: 300,
};
