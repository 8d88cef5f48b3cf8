import { expect, test } from 'vitest';
import { withRandomScheme } from './random-scheme.ts';
import { completeWorkspace, workspaceSchema } from './workspaces.ts';

const workspace = (id: string) => completeWorkspace(workspaceSchema.parse({ id, flowApiKey: 'flow-key-7' }));
const seeds = Array.from({ length: 60 }, (_, seed) => String(seed));

test('the same seed draws the same for a workspace, and only what is undocumented', () => {
  const drawn = withRandomScheme(workspace('1'), '7');
  expect(withRandomScheme(workspace('1'), '7')).toEqual(drawn);
  const { signature, shape, json, handshake, ...rest } = drawn;
  expect(workspaceSchema.parse({ ...rest, signature, shape, json, handshake })).toEqual(drawn);
  const { signature: _s, shape: _h, json: _j, handshake: _k, ...documented } = workspace('1');
  expect(rest).toEqual(documented);
});

test('other seeds and other workspaces draw all that there is', () => {
  const drawn = seeds.map((seed) => withRandomScheme(workspace('1'), seed));
  const different = (of: (one: (typeof drawn)[number]) => unknown) => new Set(drawn.map(of)).size;
  expect(different(({ shape }) => shape)).toBe(3);
  expect(different(({ json }) => json)).toBe(2);
  expect(different(({ handshake }) => handshake)).toBe(3);
  expect(different(({ signature }) => signature.headers[0])).toBe(6);
  expect(different(({ signature }) => signature.algorithm)).toBe(3);
  expect(different(({ signature }) => signature.encoding)).toBe(2);
  expect(different(({ signature }) => signature.signedContent)).toBe(2);
  expect(different(({ signature }) => signature.prefix.replace(/^sha\d+/, ''))).toBe(5);
  expect(withRandomScheme(workspace('2'), '7')).not.toEqual({ ...withRandomScheme(workspace('1'), '7'), id: '2' });
});
