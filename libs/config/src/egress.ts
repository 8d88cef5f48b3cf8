import { BlockList, isIP } from 'node:net';

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;

/** Whether an entry of `egress.allow` is a host name, an address or a CIDR. */
export function isEgressEntry(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  if (bits === undefined) return family !== 0 || (hostName.test(entry) && !/^[\d.]+$/.test(entry));
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/**
 * Whether `egress.allow` names this host: a name equal to an entry, or an address equal to one or inside its CIDR.
 * Names are not resolved here; libs/egress holds to the same rule when it connects (a test compares the two).
 *
 * @param host a name or an address; an IPv6 address with or without brackets
 */
export function egressAllows(allow: readonly string[], host: string): boolean {
  const name = host.replaceAll(/^\[|\]$|\.$/g, '').toLowerCase();
  const family = isIP(name);
  if (family === 0) return allow.some((entry) => entry.toLowerCase() === name);
  const allowed = new BlockList();
  for (const entry of allow) {
    const [address = '', bits] = entry.split('/');
    const entryFamily = isIP(address);
    if (entryFamily === 0) continue;
    allowed.addSubnet(address, Number(bits ?? (entryFamily === 4 ? 32 : 128)), entryFamily === 4 ? 'ipv4' : 'ipv6');
  }
  return allowed.check(name, family === 4 ? 'ipv4' : 'ipv6');
}
