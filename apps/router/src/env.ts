import { kafkaEnv, portEnv, processEnv } from '@bridge/config';
import { z } from 'zod';

/** The router's environment; docs/configuration.md explains each variable. */
export const routerEnv = z.object({ ...processEnv, ...kafkaEnv, ROUTER_PROBES_PORT: portEnv(9081) });
