import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { createEgressRule, type EgressRule } from './egress-rule.ts';

/** No connection was made, because `egress.allow` does not permit it. The message names the host, and nothing else of a URL. */
export class EgressRefusedError extends Error {
  override name = 'EgressRefusedError';
  code = 'EGRESS_REFUSED';

  constructor(reason: string) {
    super(`egress refused: ${reason}`);
  }
}

/**
 * An undici Agent that connects only where `egress.allow` of bridge.yaml lets it: by https to the public internet, and
 * by http or to special-purpose addresses where the list names the host or the address. Each connection resolves its
 * host once; when one of the addresses found is refused, none is connected to. Requests fail with EgressRefusedError
 * (with `fetch`: as the cause). It follows no redirect; whoever calls must not either.
 *
 * @param options.allow host names, addresses and CIDRs
 * @param options.connect `timeout` of connecting, in milliseconds, the lookup included
 * @param options.lookup instead of the system's resolver, for tests
 */
export function createEgressAgent({
  allow,
  connect,
  lookup = dnsLookup,
  ...options
}: Omit<Agent.Options, 'connect' | 'factory' | 'socketPath' | 'allowH2'> & {
  allow: readonly string[];
  connect?: { timeout: number };
  lookup?: LookupFunction;
}): Agent {
  const rule = createEgressRule(allow);
  const open = buildConnector({ ...connect, lookup: checkedLookup(lookup, rule) });
  return new Agent({
    ...options,
    connect: (target, callback) => {
      const reason = whyNotCalled(target, rule);
      if (reason === undefined) open(target, callback);
      else queueMicrotask(() => callback(new EgressRefusedError(reason), null));
    },
  });
}

function whyNotCalled({ protocol, hostname }: buildConnector.Options, rule: EgressRule): string | undefined {
  if (protocol !== 'https:' && !rule.allowsHost(hostname)) {
    return `${hostname} by http; use https, or add the host to egress.allow in bridge.yaml`;
  }
  // An address is not looked up, so this is where it is judged.
  return isIP(hostname) === 0 ? undefined : rule.whyRefused(hostname, hostname);
}

/** A lookup that fails when one of the addresses is refused. What it gives is what is connected to: nothing is asked twice. */
function checkedLookup(lookup: LookupFunction, rule: EgressRule): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = found as LookupAddress[];
      const reason = addresses.map(({ address }) => rule.whyRefused(hostname, address)).find(Boolean);
      if (reason !== undefined) return callback(new EgressRefusedError(reason), []);
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family);
    });
  };
}
