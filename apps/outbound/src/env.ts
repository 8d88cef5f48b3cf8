import { kafkaEnv, portEnv, processEnv, wholeNumberEnv } from '@bridge/config';
import { z } from 'zod';

/** Outbound's environment; docs/configuration.md explains each variable. */
export const outboundEnv = z.object({
  ...processEnv,
  ...kafkaEnv,
  OUTBOUND_PROBES_PORT: portEnv(9082),
  OUTBOUND_ATTEMPT_TIMEOUT_MS: wholeNumberEnv({ default: 10_000, min: 100, max: 60_000 }),
  OUTBOUND_MAX_ATTEMPTS: wholeNumberEnv({ default: 8, min: 1, max: 100 }),
  OUTBOUND_MAX_AGE_MS: wholeNumberEnv({ default: 3_600_000, min: 1_000, max: 86_400_000 }),
});
