/** The last part of a name that holds one of a few words, in every API that the payloads are inferred from. */
const wordField = /(^|_)(type|event|kind|status|action|object)$/i;
const word = /^[a-z][a-z_./-]{0,39}$/i;

/**
 * A value that is a word of the protocol (`"event": "message_created"`, `"message_type": 1`), as text; undefined when it is,
 * or may be, something that a person wrote. NicoChat documents no such field: the names are a guess, kept narrow.
 */
export function protocolWord(field: string, value: unknown): string | undefined {
  if (!wordField.test(field)) return undefined;
  const isWord =
    typeof value === 'string' ? word.test(value) : Number.isInteger(value) && Math.abs(Number(value)) < 100;
  return isWord ? String(value) : undefined;
}
