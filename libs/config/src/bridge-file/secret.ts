import { resolve } from 'node:path';
import { z } from 'zod';
import type { SecretName } from '../bridge-config.ts';
import type { Env } from '../read-env.ts';
import { readStamped, type Stamps } from '../stamped-files.ts';
import { mustBe, writtenAs } from './fields.ts';

/** Where secrets come from, and which ones this process needs; `stamps` learns which files were read. */
export type SecretSource = { folder: string; env: Env; wanted: ReadonlySet<SecretName>; stamps: Stamps };

const shape = '{ file: path } or { env: NAME }';

// Capitals only: a key pasted in the wrong place would else pass for a name, and be named in an error.
const variableName = /^[A-Z_][A-Z0-9_]*$/;

/** How a reference is written, with these other keys. */
export const referenceForm = (more: z.ZodRawShape = {}) =>
  z.union([
    z.strictObject({ file: z.string().min(1), ...more }),
    z.strictObject({ env: z.string().regex(variableName), ...more }),
  ]);

/**
 * A reference to a secret, read to the secret where this process needs it, else to undefined.
 *
 * @param judge says what is wrong with the value, without repeating it
 */
export function secret(
  source: SecretSource,
  name: SecretName,
  judge: (value: string) => string | undefined = () => undefined,
) {
  const read = z.unknown().transform((input, ctx): string | undefined => {
    const reference = readReference(input);
    const isRead = !('fault' in reference) && source.wanted.has(name);
    const result = isRead ? readSecret(source, reference) : reference;
    const message = 'fault' in result ? result.fault : 'value' in result ? judge(result.value) : undefined;
    if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    return 'value' in result ? result.value : undefined;
  });
  return writtenAs(referenceForm(), read);
}

/** The field may be left out by a process that does not need the secret. */
export function needed<T>(source: SecretSource, name: SecretName, field: z.ZodType<T>): z.ZodType<T | undefined> {
  return source.wanted.has(name) ? field : field.optional();
}

/** For a key that travels in an `Authorization` header. */
export function headerValueFault(value: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(value) ? undefined : 'must be printable ASCII without spaces: it is sent in a header';
}

type Fault = { fault: string };
type Reference = { file: string } | { env: string };
type Read = { value: string } | Fault;

/** The faults name no key of the input: somebody may have written `{ the-secret-itself }`. */
function readReference(input: unknown): Reference | Fault {
  if (input === undefined || input === null) return { fault: mustBe(shape, input) };
  const given: Record<string, unknown> = typeof input === 'object' ? { ...input } : {};
  const { file, env, ...others } = given;
  if (file !== undefined && env !== undefined) return { fault: 'has both file and env: give one of them' };
  if ((file === undefined && env === undefined) || Object.keys(others).length > 0) {
    return { fault: `must be ${shape}: a secret is never written into this file` };
  }
  if (env === undefined) {
    const isPath = typeof file === 'string' && file.trim() !== '' && !file.includes('://');
    return isPath ? { file } : { fault: 'must give the path of a file, not a URL' };
  }
  const isName = typeof env === 'string' && variableName.test(env);
  return isName ? { env } : { fault: 'must give the name of a variable: capital letters, digits and "_"' };
}

/** Whether there is a secret where this reference leads to, in words; never what it is. */
export function describeSecret(source: SecretSource, input: unknown): string {
  const reference = readReference(input);
  const result = 'fault' in reference ? reference : readSecret(source, reference);
  return 'fault' in result ? `not set: ${result.fault}` : 'set';
}

function readSecret({ folder, env, stamps }: SecretSource, reference: Reference): Read {
  if ('file' in reference) return readFile(resolve(folder, reference.file), stamps);
  const value = env[reference.env];
  const where = `the variable ${reference.env}`;
  return value === undefined ? { fault: `${where} is not set` } : notEmpty(value, where);
}

function readFile(path: string, stamps: Stamps): Read {
  try {
    return notEmpty(readStamped(path, stamps), `the file ${path}`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return {
      fault: code === 'ENOENT' ? `the file ${path} does not exist` : `the file ${path} can't be read (${code})`,
    };
  }
}

/** Editors and `kubectl create secret --from-file` leave a newline at the end. */
function notEmpty(content: string, where: string): Read {
  const value = content.replace(/[\r\n]+$/, '');
  return value.trim() === '' ? { fault: `${where} is empty` } : { value };
}
