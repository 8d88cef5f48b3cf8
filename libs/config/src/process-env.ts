import { z } from 'zod';
import { logLevels } from './log-level.ts';
import { booleanEnv, wholeNumberEnv } from './read-env.ts';

/** The variables of every app, to spread into its schema. */
export const processEnv = {
  /** The address that the app's servers listen on. */
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: oneOf(logLevels).default('info'),
  LOG_FORMAT: oneOf(['json', 'pretty']).default('json'),
  /** Path of bridge.yaml. */
  BRIDGE_CONFIG: z.string().default('bridge.yaml'),
  /** Permits `signature.mode: off`. */
  BRIDGE_ALLOW_UNSIGNED: booleanEnv(false),
  /** How long the app goes on after it said that it is not ready: until load balancers have noticed. */
  READINESS_GRACE_MS: wholeNumberEnv({ default: 0, min: 0, max: 60_000 }),
};

function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}
