import { z } from 'zod';

/**
 * The verification handshake: while a webhook is being set, NicoChat sends these three parameters to it by POST and
 * expects the challenge back as text. Names and values are documented on NicoChat's page; whether they come as JSON,
 * as form fields or in the query string is not.
 */
export const handshakeSchema = z.object({
  mode: z.literal('subscribe'),
  token: z.string().min(1).meta({ description: "The connection's verification key." }),
  challenge: z.string().min(1).meta({ description: 'Random; 32 lower-case hex digits in the documented sample.' }),
});
export type Handshake = z.infer<typeof handshakeSchema>;

/**
 * Finds the handshake in a request, or undefined when it is none. Each name is `hub_mode`, `hub_verify_token`,
 * `hub_challenge`, or the same with a dot; where body and query both have it, the body's counts. The token is not
 * judged here: compare it in constant time before anything is answered.
 * @param sources.body the body as an object, whatever encoding it came in, or undefined
 */
export function readHandshake(sources: { query: Record<string, unknown>; body: unknown }): Handshake | undefined {
  const { body, query } = sources;
  const read = (name: string): unknown =>
    given(body, `hub_${name}`) ??
    given(body, `hub.${name}`) ??
    given(query, `hub_${name}`) ??
    given(query, `hub.${name}`);
  const mode = read('mode');
  // Hardly any request is one.
  if (mode === undefined) return undefined;
  const found = { mode, token: read('verify_token'), challenge: read('challenge') };
  return handshakeSchema.safeParse(found).data;
}

/** Whether a challenge may be echoed: 1 to 512 printable ASCII characters, so that the endpoint reflects nothing else. */
export function isSafeChallenge(challenge: string): boolean {
  return /^[\x20-\x7e]{1,512}$/.test(challenge);
}

/** Undefined where it is empty, too. */
function given(source: unknown, name: string): unknown {
  if (typeof source !== 'object' || source === null || !Object.hasOwn(source, name)) return undefined;
  const value = (source as Record<string, unknown>)[name];
  return value === null || value === '' ? undefined : value;
}
