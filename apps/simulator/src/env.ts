import { randomBytes } from 'node:crypto';
import { portEnv, processEnv } from '@bridge/config';
import { z } from 'zod';

/** The simulator's whole environment; docs/simulator.md explains each variable. */
export const simulatorEnv = z.object({
  // The control API has no password, so by default only this machine can reach it.
  HOST: z.string().default('127.0.0.1'),
  SIMULATOR_PORT: portEnv(8090),
  SIMULATOR_PROBES_PORT: portEnv(9083),
  SIMULATOR_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  SIMULATOR_WORKSPACES: z.string().optional(),
  /** Every workspace signs and writes in ways drawn from a seed, which the log tells. */
  SIMULATOR_SCHEME: z
    .string()
    .regex(/^random(:\w{1,64})?$/, 'must be random, or random:<seed>')
    .transform((scheme) => scheme.split(':')[1] ?? randomBytes(4).toString('hex'))
    .optional(),
  LOG_LEVEL: processEnv.LOG_LEVEL,
  LOG_FORMAT: processEnv.LOG_FORMAT,
});
