import { z } from 'zod';
import { connectionIdSchema, momentSchema } from './ids.ts';

/** Put in place of a verification key, wherever one stood in a captured request. */
export const keyMark = '***verification-key***';

/**
 * What was found of a captured request. The first four are those of the signature; `not-checked` is the mode `off`,
 * `not-json` a body that is neither a JSON object nor an array, with or without a right signature.
 */
const verdictSchema = z.enum(['verified', 'missing', 'mismatch', 'stale', 'not-checked', 'not-json', 'handshake']);

/** What a list of captures tells of each. */
export const captureHeadSchema = z.object({
  /** Of the process that took it. */
  id: z.string().regex(/^[0-9a-f]{8}$/),
  connection: connectionIdSchema,
  at: momentSchema,
  verdict: verdictSchema,
  /** Requests of one connection with the same are alike: header names, and the body's keys, types and words. */
  shape: z.string().regex(/^[0-9a-f]{8}$/),
  /** Fields whose texts are words of the protocol, as `event=message_created`. */
  words: z.array(z.string()),
  sizeBytes: z.int(),
});
export type CaptureHead = z.infer<typeof captureHeadSchema>;

/** A request as the ingress kept it, for `bridge verify-sample` and `bridge fixture`. It holds what people wrote. */
export const captureSchema = captureHeadSchema.extend({
  format: z.literal('nicochat-bridge.capture.v1'),
  method: z.string(),
  /** With the names of the query's parameters, without their values. */
  path: z.string(),
  /** In their order, names as they came. Values of `authorization` and cookies are `***`. */
  headers: z.array(z.tuple([z.string(), z.string()])),
  /** The exact bytes, unless `redacted`. */
  bodyBase64: z.base64(),
  /** Whether a verification key stood in the body: then {@link keyMark} does, and no signature fits any more. */
  redacted: z.boolean(),
});
export type Capture = z.infer<typeof captureSchema>;
