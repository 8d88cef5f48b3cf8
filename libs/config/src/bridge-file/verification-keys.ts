import { z } from 'zod';
import type { VerificationKey } from '../bridge-config.ts';
import { must, mustBe, parsePart, writtenAs } from './fields.ts';
import { needed, referenceForm, secret, type SecretSource } from './secret.ts';

const aTime = 'a time with its zone, such as 2026-12-01T00:00:00Z';

/** A YAML text: times are not a type of their own there. */
const expiresAt = z.iso
  .datetime({ offset: true, error: (issue) => mustBe(aTime, issue.input) })
  .transform((time) => new Date(time))
  .optional();

/** The keys of a connection, the current one first. One that has expired is kept: it counts when a webhook is verified. */
export function verificationKeysSection(source: SecretSource) {
  const key = secret(source, 'verificationKeys', (value) =>
    value.length < 16 ? 'is shorter than 16 characters' : undefined,
  );
  const entry = z.unknown().transform((input, ctx): VerificationKey => {
    const isMap = typeof input === 'object' && input !== null && 'expiresAt' in input;
    const { expiresAt: end, ...reference } = isMap ? input : { expiresAt: undefined };
    const value = parsePart(key, isMap ? reference : input, [], ctx)?.data ?? '';
    const until = isMap ? parsePart(expiresAt, end, ['expiresAt'], ctx)?.data : undefined;
    return { key: value, ...(until && { expiresAt: until }) };
  });
  return needed(
    source,
    'verificationKeys',
    z
      .array(writtenAs(referenceForm({ expiresAt }), entry), must('a list of { file: path } or { env: NAME }'))
      .min(1, 'must hold a key')
      .transform((keys) => (source.wanted.has('verificationKeys') ? keys : undefined)),
  );
}
