import { BlockList, isIP, isIPv4 } from 'node:net';

/** What may be connected to. Hosts are names or addresses, as `URL.hostname` has them. */
export type EgressRule = {
  /** Whether `egress.allow` names this host: an equal name, or an address that an entry equals or contains. */
  allowsHost(host: string): boolean;
  /** Why an address to which `host` resolved, or which it is, may not be connected to; undefined when it may. */
  whyRefused(host: string, address: string): string | undefined;
};

/**
 * The rule of `egress.allow`: the public internet, which is all but IANA's special-purpose addresses, and what
 * the list names. The list permits everything but the addresses by which clouds hand out credentials.
 *
 * @param allow host names, addresses and CIDRs, their syntax checked
 */
export function createEgressRule(allow: readonly string[]): EgressRule {
  const names = new Set(allow.map((entry) => entry.toLowerCase()));
  const addresses = new BlockList();
  for (const entry of allow) addTo(addresses, entry);

  function allowsHost(host: string): boolean {
    const name = host.replaceAll(/^\[|\]$|\.$/g, '').toLowerCase();
    return isIP(name) === 0 ? names.has(name) : contains(addresses, name);
  }

  function whyRefused(host: string, address: string): string | undefined {
    const found = address === host ? `${host} is` : `${host} resolves to ${address},`;
    if (isIP(address) === 0) return `${found} no address`;
    if (contains(neverAllowed, address))
      return `${found} a link-local or cloud metadata address, which nothing permits`;
    if (allowsHost(host) || allowsHost(address)) return undefined;
    const kind = specialKind(address);
    return kind && `${found} ${kind}; if that is meant, add the host or the address to egress.allow in bridge.yaml`;
  }

  return { allowsHost, whyRefused };
}

/** Which special-purpose address this is; undefined for one of the public internet. */
function specialKind(address: string): string | undefined {
  const kind = specialKinds.find(([, list]) => contains(list, address))?.[0];
  return kind ?? (isIPv4(address) || contains(publicIpv6, address) ? undefined : 'a reserved address');
}

const contains = (list: BlockList, address: string) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

function addTo(list: BlockList, cidr: string): void {
  const [address = '', bits] = cidr.split('/');
  const family = isIP(address);
  if (family === 0) return;
  list.addSubnet(address, Number(bits ?? (family === 4 ? 32 : 128)), family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * A list of ranges, those of IPv4 also as NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), the IPv4-compatible addresses of
 * RFC 4291 and the translated ones of RFC 2765 put them into IPv6. Through IPv4-mapped ones a BlockList sees by itself.
 */
function ranges(...cidrs: string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    addTo(list, cidr);
    const [address = '', bits] = cidr.split('/');
    if (!isIPv4(address)) continue;
    const hex = Buffer.from(address.split('.').map(Number)).toString('hex').replace(/..../, '$&:');
    for (const before of ['64:ff9b::', '64:ff9b:1::', '::', '::ffff:0:']) {
      list.addSubnet(`${before}${hex}`, 96 + Number(bits), 'ipv6');
    }
    list.addSubnet(`2002:${hex}::`, 16 + Number(bits), 'ipv6');
  }
  return list;
}

/** Link-local as a whole: AWS, Google, Azure and most others serve credentials there, some at several addresses. */
const neverAllowed = ranges(
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::/32', // AWS
  'fd20:ce::254/128', // Google
  'fd00:42::42/128', // Scaleway
  '100.100.100.200/32', // Alibaba
  '168.63.129.16/32', // Azure, a public address by its number
  '192.0.0.192/32', // Oracle
);

/** https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, and multicast. */
const specialKinds: [kind: string, list: BlockList][] = [
  ['a loopback address', ranges('127.0.0.0/8', '::1/128')],
  ['an unspecified address', ranges('0.0.0.0/8', '::/128')],
  ['a private address', ranges('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16')],
  ['a unique-local address', ranges('fc00::/7')],
  ['a carrier-grade NAT address', ranges('100.64.0.0/10')],
  ['a multicast address', ranges('224.0.0.0/4', 'ff00::/8')],
  [
    'a documentation address',
    ranges('192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'),
  ],
  ['a benchmarking address', ranges('198.18.0.0/15', '2001:2::/48')],
  ['a reserved address', ranges('192.0.0.0/24', '192.88.99.0/24', '240.0.0.0/4', '2001::/23')],
];

/** Global unicast, NAT64 and IPv4-mapped; of the last two, the IPv4 address inside has been judged already. */
const publicIpv6 = new BlockList();
for (const cidr of ['2000::/3', '64:ff9b::/96', '::ffff:0:0/96']) addTo(publicIpv6, cidr);
