import { createHash, createHmac } from 'node:crypto';
import type { SignatureScheme } from '@bridge/signature';

/** A way of making a digest with a key, the likeliest first. */
export type DigestMethod = {
  name: string;
  digest(key: Buffer, content: Buffer): Buffer;
  /** How bridge.yaml says it, where it can. */
  algorithm?: SignatureScheme['algorithm'];
  /** Of the content alone: whoever can write the body can make it. */
  isChecksum?: true;
};

const hash = (name: string, ...parts: Buffer[]) => createHash(name).update(Buffer.concat(parts)).digest();
const upper = (name: string) => name.replace('sha', 'SHA-').replace('md', 'MD');

const configurable = (['sha256', 'sha512', 'sha1'] as const).map((algorithm): DigestMethod => ({
  name: `HMAC ${upper(algorithm)}`,
  algorithm,
  digest: (key, content) => createHmac(algorithm, key).update(content).digest(),
}));

const others = ['md5', 'sha224', 'sha384'].map((name): DigestMethod => ({
  name: `HMAC ${upper(name)}`,
  digest: (key, content) => createHmac(name, key).update(content).digest(),
}));

const plain = ['sha256', 'sha512', 'sha1', 'md5'].flatMap((name): DigestMethod[] => [
  { name: `${upper(name)} of content and key`, digest: (key, content) => hash(name, content, key) },
  { name: `${upper(name)} of key and content`, digest: (key, content) => hash(name, key, content) },
  { name: `${upper(name)} of the content alone`, digest: (_key, content) => hash(name, content), isChecksum: true },
]);

export const digestMethods: readonly DigestMethod[] = [...configurable, ...others, ...plain];
