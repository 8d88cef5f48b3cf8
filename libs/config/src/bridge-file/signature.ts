import { z } from 'zod';
import type { SignatureSettings } from '../bridge-config.ts';
import { must, oneOf, positiveInteger, section, textLike } from './fields.ts';

/** A request header's name, as requests carry it: in lower case. */
const headerName = () =>
  textLike(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of a header').transform((name) => name.toLowerCase());

/** The candidates of the most likely scheme: NicoChat documents that a header carries the signature, not which. */
const defaultHeaders = [
  'x-hub-signature-256',
  'x-hub-signature',
  'x-signature',
  'x-signature-256',
  'x-webhook-signature',
  'x-apichat-signature',
  'x-uchat-signature',
  'signature',
];

const aCapture = 'a whole number from 0 to 20';

/** How webhooks are signed. `mode: off` is a fault unless the process allows it. */
export function signatureSection(allowUnsigned: boolean) {
  return section({
    headers: z.array(headerName(), must('a list of header names')).min(1, 'must name a header').default(defaultHeaders),
    algorithm: oneOf(['sha256', 'sha1', 'sha512']).default('sha256'),
    encoding: oneOf(['hex', 'base64', 'either']).default('hex'),
    prefix: z.string(must('a text')).optional(),
    signedContent: oneOf(['body', 'timestamp.body']).default('body'),
    timestampHeader: headerName().default('x-chatwoot-timestamp'),
    toleranceSeconds: positiveInteger().default(300),
    mode: oneOf(['enforce', 'monitor', 'off'])
      .refine((mode) => mode !== 'off' || allowUnsigned, {
        error: 'off takes webhooks from anybody: it needs BRIDGE_ALLOW_UNSIGNED=true',
      })
      .default('enforce'),
    capture: z.int(must(aCapture)).min(0, `must be ${aCapture}`).max(20, `must be ${aCapture}`).default(0),
  })
    .prefault({})
    .transform((given): SignatureSettings => ({ ...given, prefix: given.prefix ?? `${given.algorithm}=` }));
}
