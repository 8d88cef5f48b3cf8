import { z } from 'zod';

const port = (preset: number) => z.coerce.number().int().min(0).max(65_535).default(preset);

/** The whole environment of the process; the keys are the variables' names. */
const envSchema = z.object({
  // The control API has no password, so by default only this machine can reach it.
  HOST: z.string().default('127.0.0.1'),
  SIMULATOR_PORT: port(8090),
  SIMULATOR_PROBES_PORT: port(9083),
  SIMULATOR_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  SIMULATOR_WORKSPACES: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('json'),
});

export type SimulatorEnv = z.infer<typeof envSchema>;

/** What stops the process before it starts, with the exit code for a bad configuration. */
export class StartError extends Error {
  readonly exitCode = 78;
}

/** The faults of a zod check, one a line, each with where it is. */
export const faultLines = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`).join('\n');

/** The environment, parsed; throws a StartError that names every bad variable. An empty variable counts as unset. */
export const readSimulatorEnv = (env: Record<string, string | undefined>): SimulatorEnv => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = envSchema.safeParse(given);
  if (!parsed.success) throw new StartError(`The environment is not right:\n${faultLines(parsed.error)}`);
  return parsed.data;
};
