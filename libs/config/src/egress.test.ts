import { describe, expect, test } from 'vitest';
import { createEgressRule } from '../../egress/src/egress-rule.ts';
import { egressAllows, isEgressEntry } from './egress.ts';

const connecting = (allow: readonly string[], host: string) => createEgressRule(allow).allowsHost(host);

describe.each([
  ['when the file is read', egressAllows],
  ['when a connection is made', connecting],
])('egress.allow, %s, names a host', (_when, allows) => {
  const allow = ['simulator.internal', '127.0.0.1/32', '10.1.0.0/16', '192.168.7.7', 'fd00::/8', '::1'];

  test.each([
    ['simulator.internal', true],
    ['SIMULATOR.internal.', true],
    ['a.simulator.internal', false],
    ['simulator.internal.evil.example', false],
    ['127.0.0.1', true],
    ['127.0.0.2', false],
    ['::ffff:127.0.0.1', true],
    ['[::ffff:7f00:1]', true],
    ['10.1.255.255', true],
    ['10.2.0.0', false],
    ['192.168.7.7', true],
    ['192.168.7.8', false],
    ['fd12::1', true],
    ['[fd12::1]', true],
    ['fe80::1', false],
    ['[::1]', true],
    ['localhost', false],
    ['', false],
  ])('%j: %j', (host, expected) => {
    expect(allows(allow, host)).toBe(expected);
  });

  test.each([
    [[], '127.0.0.1', false],
    [['::/0'], '10.0.0.1', true],
    [['0.0.0.0/0'], '[::ffff:a00:1]', true],
    [['0.0.0.0/0'], '[::1]', false],
    [['10.0.0.0/8'], '[64:ff9b::a00:1]', false],
    [['FD00::/8', 'Simulator'], '[fd00::1]', true],
    [['FD00::/8', 'Simulator'], 'simulator', true],
  ])('%j, %j: %j', (entries, host, expected) => {
    expect(allows(entries, host)).toBe(expected);
  });
});

test.each([
  ['simulator', true],
  ['my_host.internal', true],
  ['10.0.0.0/8', true],
  ['10.0.0.1', true],
  ['::1/128', true],
  ['0.0.0.0/0', true],
  ['10.0.0.0/33', false],
  ['10.0.0.0/', false],
  ['10.0.0.0/8/8', false],
  ['::/129', false],
  ['host/8', false],
  ['1.2.3', false],
  ['*.internal', false],
  ['http://host', false],
  ['host:80', false],
  ['-host', false],
  ['a'.repeat(254), false],
  ['', false],
])('%j is an entry of egress.allow: %j', (entry, expected) => {
  expect(isEgressEntry(entry)).toBe(expected);
});
