import { isIP } from 'node:net';
import { kafkaEnv, portEnv, processEnv, wholeNumberEnv } from '@bridge/config';
import { z } from 'zod';

function isAddressRange(range: string): boolean {
  const [address = '', bits = '1', ...rest] = range.split('/');
  const widest = isIP(address) === 4 ? 32 : 128;
  return isIP(address) !== 0 && /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= widest && rest.length === 0;
}

/** The ingress's whole environment; docs/configuration.md explains each variable. */
export const ingressEnv = z.object({
  ...processEnv,
  ...kafkaEnv,
  /** Where NicoChat's webhooks arrive. */
  INGRESS_PORT: portEnv(8080),
  /** Probes and metrics: not for the internet. */
  INGRESS_PROBES_PORT: portEnv(9080),
  /** How long a request waits for the broker's ack before it is answered 503. */
  INGRESS_PUBLISH_TIMEOUT_MS: wholeNumberEnv({ default: 2_000 }),
  /** A larger body is answered 413. Its events must fit the topic's records of 4 MiB. */
  INGRESS_BODY_LIMIT_BYTES: wholeNumberEnv({ default: 1_048_576, max: 4_194_304 }),
  /** A folder of this process's own. Set: webhooks are kept there while the broker is away. */
  INGRESS_SPOOL_DIR: z.string().optional(),
  /** What the spooled events may count for together; then webhooks are answered 503. */
  INGRESS_SPOOL_MAX_BYTES: wholeNumberEnv({ default: 1_073_741_824, max: Number.MAX_SAFE_INTEGER }),
  /** Addresses and CIDRs, comma-separated, whose X-Forwarded-For is believed when failed handshakes are counted by sender. */
  INGRESS_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((range) => range.trim() || []))
    .refine((ranges) => ranges.every(isAddressRange), 'must be a comma-separated list of addresses or CIDRs'),
});
