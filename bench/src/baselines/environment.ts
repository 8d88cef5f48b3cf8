import { z } from 'zod';

/** What bench/README.md tells a peer of its environment, for the baselines that come with the benchmark. */
export const peerEnvironment = z.object({
  KAFKA_BROKERS: z.string(),
  TOPIC: z.string(),
  OUT_TOPIC: z.string(),
  GROUP: z.string(),
  PORT: z.coerce.number(),
  SECRET: z.string(),
  SIGNATURE_HEADER: z.string(),
  BOT_BASE_URL: z.string(),
  CONVERSATIONS: z.coerce.number().default(100),
});
