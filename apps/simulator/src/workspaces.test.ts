import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createWorkspaces, readPresetWorkspaces } from './workspaces.ts';

describe('the preset workspaces', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (content: string) => {
    const path = join(folder, 'workspaces.json');
    writeFileSync(path, content);
    return path;
  };

  test('are the demo alone without a file', () => {
    expect(readPresetWorkspaces(undefined)).toMatchObject([
      {
        id: '1',
        email: 'demo@example.com',
        chaveApi: 'demo-chave-api',
        flowApiKey: 'demo-flow-key',
        botCode: 'demo',
        webhook: null,
        shape: 'chatwoot',
        signature: { headers: ['x-hub-signature-256'], algorithm: 'sha256', encoding: 'hex' },
      },
    ]);
  });

  test('come from a file, where what is absent has the default', () => {
    expect(readPresetWorkspaces(file('[{"id":4821,"shape":"uchat"}]'))).toMatchObject([
      { id: '4821', shape: 'uchat', botCode: 'bot-4821', handshake: 'form', delivery: { retries: 0 } },
    ]);
  });

  test.each([
    ['no JSON', '[{', /cannot read/],
    ['an unknown field', '[{"id":1,"colour":"red"}]', /0: .*colour/],
    ['no workspace', '[]', /whole/],
  ])('are refused with %s', (_what, content, message) => {
    const path = file(content);
    expect(() => readPresetWorkspaces(path)).toThrow(message);
    expect(() => readPresetWorkspaces(path)).toThrow(expect.objectContaining({ exitCode: 78 }));
  });

  test('are refused when two have one bot code', () => {
    const presets = readPresetWorkspaces(file('[{"id":1,"botCode":"a"},{"id":2,"botCode":"a"}]'));
    expect(() => createWorkspaces(presets)).toThrow(/bot code "a"/);
  });
});
