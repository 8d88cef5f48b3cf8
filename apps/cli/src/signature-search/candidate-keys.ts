/** A key that may be the one, and what to call it instead of showing it. */
export type CandidateKey = {
  name: string;
  value: string;
  /** Whether it is known that ingress verifies with it. */
  inForce?: boolean;
};

/** The bytes that a sender may make of a key. Only text is what the bridge does. */
export type KeyForm = CandidateKey & { form: 'text' | 'hex' | 'base64'; bytes: Buffer };

/** A key as text, and where it can be read so, as hex and as base64. */
export function keyForms(keys: readonly CandidateKey[]): KeyForm[] {
  return keys.flatMap((key): KeyForm[] => {
    const { value } = key;
    const bare = value.replace(/^whsec_/, '');
    const isHex = /^([\da-f]{2})+$/i.test(value);
    const isBase64 = /^[\w+/-]{4,}=*$/.test(bare);
    return [
      { ...key, form: 'text', bytes: Buffer.from(value) },
      ...(isHex ? [{ ...key, form: 'hex' as const, bytes: Buffer.from(value, 'hex') }] : []),
      ...(isBase64 ? [{ ...key, form: 'base64' as const, bytes: Buffer.from(bare, 'base64') }] : []),
    ];
  });
}
