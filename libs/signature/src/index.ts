export { safeEqual } from './safe-equal.ts';
export { defaultScheme, type SignatureScheme } from './scheme.ts';
export { sign } from './sign.ts';
export type { SignedHeaders } from './signature-header.ts';
export { verify, type Verification, type VerifyInput } from './verify.ts';
