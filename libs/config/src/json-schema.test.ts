import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { faultsOf } from './bridge-file/temporary-file.ts';
import { bridgeFileJsonSchema } from './index.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const committed = JSON.parse(read('docs/bridge.schema.json')) as Parameters<typeof z.fromJSONSchema>[0];
const accepts = (file: unknown) => z.fromJSONSchema(committed).safeParse(file).success;

test('the JSON Schema in docs is that of the code', () => {
  const toUpdate =
    'npm run --silent bridge -- config schema > docs/bridge.schema.json && npx prettier --write docs/bridge.schema.json';
  expect(committed, `to update it: ${toUpdate}`).toEqual(bridgeFileJsonSchema());
});

test('every key is described', () => {
  const undescribed: string[] = [];
  const look = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { properties = {}, additionalProperties, items } = schema as Record<string, Record<string, unknown>>;
    for (const [name, inner] of Object.entries(properties)) {
      const isReference = name === 'file' || name === 'env' || name === 'expiresAt';
      if (!isReference && !(inner as { description?: string }).description) undescribed.push(`${path}.${name}`);
      look(inner, `${path}.${name}`);
    }
    look(additionalProperties, `${path}.*`);
    look(items, path);
  };
  look(committed, '');
  expect(undescribed).toEqual([]);
});

describe('the examples', () => {
  const examples = [...globSync('{tools/demo,k8s/base}/bridge.yaml', { cwd: root })].map((path) => [path, read(path)]);
  const page = /```yaml\n([^]*?)```/.exec(read('docs/configuration.md'))?.[1] ?? '';

  test.each([...examples, ['docs/configuration.md', page]])('%s are as the schema says', (path, text) => {
    expect(examples).toHaveLength(2);
    expect(accepts(parse(text ?? ''))).toBe(true);
    if (path?.endsWith('.yaml'))
      expect(text).toContain('# yaml-language-server: $schema=../../docs/bridge.schema.json');
  });
});

const withConnection = (more: string) => `connections: { acme: { workspace: 1, ${more} } }`;

test.each([
  ['connections: {}', true],
  ['{}', false],
  ['connections: { acme: {} }', false],
  ['connections: { Acme: { workspace: 1 } }', false],
  [withConnection('colour: blue'), false],
  [withConnection('flowApiKey: { file: key }'), true],
  [withConnection('flowApiKey: the-key-itself'), false],
  [withConnection('flowApiKey: { env: lower_case }'), false],
  [withConnection('flowApiKey: { file: key, expiresAt: 2026-12-01T00:00:00Z }'), false],
  [withConnection('verificationKeys: [{ file: key, expiresAt: 2026-12-01T00:00:00Z }, { env: KEY }]'), true],
  [withConnection('verificationKeys: [{ file: key, expiresAt: tomorrow }]'), false],
  [withConnection('verificationKeys: []'), false],
  [withConnection('limits: { burst: 0 }'), false],
  [withConnection('signature: { mode: sometimes }'), false],
  ['connections: {}\nroutes: [{ name: a, when: { kind: text, conversation: [1, "2"] }, channel: b }]', true],
  ['connections: {}\nroutes: [{ name: a, when: { kind: [] }, channel: b }]', false],
  ['connections: {}\nroutes: [{ name: a, when: { kind: letter }, channel: b }]', false],
  ['connections: {}\nchannels: { "a b": {} }', false],
])('the schema and the bridge agree on %s', (text, isGood) => {
  expect([accepts(parse(text)), faultsOf(text).length === 0]).toEqual([isGood, isGood]);
});
