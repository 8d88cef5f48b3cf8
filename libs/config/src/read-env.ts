import { z } from 'zod';
import { ConfigError } from './config-error.ts';

/** A process's environment, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads a process's whole environment through one schema, whose keys are the names of the variables.
 * A variable set to nothing counts as unset, because that is how compose files and charts write "no value".
 *
 * @throws ConfigError that names every bad variable, and no value
 */
export function readEnv<S extends z.ZodObject>(schema: S, env: Env): z.output<S> {
  const names = Object.keys(schema.shape).filter((name) => env[name] !== undefined && env[name] !== '');
  const parsed = schema.safeParse(Object.fromEntries(names.map((name) => [name, env[name]])));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => {
      const where = String(path[0] ?? 'environment');
      return { where, message: env[where] === undefined || env[where] === '' ? 'is not set' : message };
    }),
  );
}

/** A variable that holds a whole number, within bounds that include both ends. */
export function wholeNumberEnv({
  default: fallback,
  min = 1,
  max = 2_147_483_647,
}: {
  default: number;
  min?: number;
  max?: number;
}) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
    .default(fallback);
}

/** A variable that holds a TCP port; 0 lets the system choose a free one. */
export function portEnv(fallback: number) {
  return wholeNumberEnv({ default: fallback, min: 0, max: 65_535 });
}

/** A variable that holds yes or no: true, false, 1, 0, yes, no, on, off. */
export function booleanEnv(fallback: boolean) {
  return z.stringbool({ error: 'must be true or false' }).default(fallback);
}
