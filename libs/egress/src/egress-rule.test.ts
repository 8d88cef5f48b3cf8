import { describe, expect, test } from 'vitest';
import { createEgressRule } from './egress-rule.ts';

const nothing = createEgressRule([]);
/** The forms of an IPv4 address that IPv6 knows and that lead to it; then those that lead nowhere, or nobody uses. */
const carried = (hex: string) => [`::ffff:${hex}`, `64:ff9b::${hex}`, `2002:${hex}::1`];
const oddlyCarried = (hex: string) => [`64:ff9b:1::${hex}`, `::${hex}`, `::ffff:0:${hex}`];

describe('without an allow-list', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['10.0.0.1', 'private'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['fc00::1', 'unique-local'],
    ['fdff::1', 'unique-local'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['100.127.255.255', 'carrier-grade NAT'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['ff02::1', 'multicast'],
    ['192.0.2.1', 'documentation'],
    ['198.51.100.1', 'documentation'],
    ['203.0.113.1', 'documentation'],
    ['2001:db8::1', 'documentation'],
    ['3fff::1', 'documentation'],
    ['198.18.0.1', 'benchmarking'],
    ['198.19.255.255', 'benchmarking'],
    ['2001:2::1', 'benchmarking'],
    ['192.0.0.1', 'reserved'],
    ['192.88.99.1', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['2001::1', 'reserved'], // Teredo
    ['fec0::1', 'reserved'], // site-local
    ['100::1', 'reserved'], // discard
    ...oddlyCarried('808:808').map((address) => [address, 'reserved']),
    ...oddlyCarried('7f00:1').map((address) => [address, 'loopback']),
    ...oddlyCarried('a01:203').map((address) => [address, 'private']),
    ['5f00::1', 'reserved'], // segment routing
    ['::ffff:10.0.0.1', 'private'],
    ['0:0:0:0:0:FFFF:127.0.0.1', 'loopback'],
    ...carried('7f00:1').map((address) => [address, 'loopback']),
    ...carried('0:0').map((address) => [address, 'unspecified']),
    ...carried('a01:203').map((address) => [address, 'private']),
    ...carried('ac10:1').map((address) => [address, 'private']),
    ...carried('c0a8:1').map((address) => [address, 'private']),
    ...carried('a9fe:101').map((address) => [address, 'link-local']),
    ...carried('6440:1').map((address) => [address, 'carrier-grade NAT']),
    ...carried('e000:1').map((address) => [address, 'multicast']),
    ...carried('c000:201').map((address) => [address, 'documentation']),
    ...carried('c612:1').map((address) => [address, 'benchmarking']),
    ...carried('ffff:ffff').map((address) => [address, 'reserved']),
  ] as [string, string][])('%s is refused as %s', (address, kind) => {
    expect(nothing.whyRefused('bot.example', address)).toMatch(new RegExp(`, an? ${kind}.*address`));
  });

  test.each([
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '198.17.255.255',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450::1',
    ...carried('808:808'),
  ])('%s is not refused', (address) => {
    expect(nothing.whyRefused('bot.example', address)).toBeUndefined();
  });

  test.each(['', 'localhost', '2130706433', '127.1', '0x7f000001'])(
    '%j, which is no address, is refused',
    (address) => {
      expect(nothing.whyRefused('bot.example', address)).toContain('no address');
    },
  );
});

describe('with an allow-list', () => {
  test.each([
    [['10.1.0.0/16'], 'bot.example', '10.1.2.3', true],
    [['10.1.0.0/16'], 'bot.example', '10.2.2.3', false],
    [['10.1.0.0/16'], 'bot.example', '::ffff:10.1.2.3', true],
    [['10.1.0.0/16'], 'bot.example', '64:ff9b::10.1.2.3', false],
    [['bot.example'], 'bot.example', '10.2.2.3', true],
    [['bot.example'], 'BOT.example.', '10.2.2.3', true],
    [['bot.example'], 'other.example', '10.2.2.3', false],
    [['::1'], 'localhost', '::1', true],
    [['::1'], 'localhost', '127.0.0.1', false],
    [['fd00::/8'], 'bot.example', 'fd12::1', true],
    [['bot.example'], 'other.example', '8.8.8.8', true],
  ])('%j, %s at %s: %j', (allow, host, address, expected) => {
    expect(createEgressRule(allow).whyRefused(host, address) === undefined).toBe(expected);
  });

  test.each([
    '169.254.169.254',
    '169.254.170.2',
    'fe80::a9fe:a9fe',
    'fe80::a9fe:a9fe%eth0',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
    'fd00:42::42',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '::ffff:169.254.169.254',
    ...carried('a9fe:a9fe'),
    ...oddlyCarried('a9fe:a9fe'),
    ...oddlyCarried('6464:64c8'),
    ...carried('6464:64c8'),
    ...carried('a83f:8110'),
  ])('%s stays refused, whatever the list says', (address) => {
    const rule = createEgressRule(['0.0.0.0/0', '::/0', address.replace(/%.*/, ''), 'bot.example']);
    expect(rule.whyRefused('bot.example', address)).toMatch(/metadata address, which nothing permits$/);
    expect(rule.whyRefused('bot.example', '10.0.0.1')).toBeUndefined();
    expect(rule.whyRefused('bot.example', 'fd00::1')).toBeUndefined();
  });
});

test('the reason names host, address, kind and what to do', () => {
  const advice = '; if that is meant, add the host or the address to egress.allow in bridge.yaml';
  expect(nothing.whyRefused('bot.example', '10.0.0.1')).toBe(
    `bot.example resolves to 10.0.0.1, a private address${advice}`,
  );
  expect(nothing.whyRefused('10.0.0.1', '10.0.0.1')).toBe(`10.0.0.1 is a private address${advice}`);
});
