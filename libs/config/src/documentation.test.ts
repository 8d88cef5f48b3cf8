import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { faultsOf, temporaryFile } from './bridge-file/temporary-file.ts';
import { channelTemplateFields, kafkaEnv, loadBridgeConfig, processEnv, readEnv } from './index.ts';

const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

test('the page names every variable of the three apps', () => {
  const files = globSync('../../../apps/{ingress,router,outbound}/src/env.ts', { cwd: import.meta.dirname });
  const texts = files.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/((?:INGRESS|ROUTER|OUTBOUND)_[A-Z_]+):/g)].map(([, name]) => name),
  );
  expect(files).toHaveLength(3);
  expect(names).toEqual(expect.arrayContaining(['INGRESS_PORT', 'ROUTER_PROBES_PORT', 'OUTBOUND_MAX_ATTEMPTS']));
  expect(names.filter((name) => !page.includes(`| \`${name}\``))).toEqual([]);
});

test('the page shows every variable that all apps share with its default', () => {
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| (?:`([^`]*)`|unset) +\|/gm)];
  const shown = Object.fromEntries(rows.map(([, name, value]) => [name, value]));
  const defaults = readEnv(z.object({ ...processEnv, ...kafkaEnv }), {});
  for (const name of Object.keys({ ...processEnv, ...kafkaEnv })) {
    expect(Object.keys(shown)).toContain(name);
    const value = defaults[name as keyof typeof defaults];
    expect(shown[name]).toBe(value === undefined ? undefined : String(value));
  }
});

describe('the bridge.yaml that the page shows', () => {
  const text = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
  const key = 'a-key-of-the-example';
  const env = { ACME_OLD_KEY: key, ACME_CHAVE_API: key, KEY: key, BOT_URL: 'https://bot.example/api/apichat/9f3c0a' };
  const withoutFiles = text
    .replace('{ file: secrets/acme/bot-url }', '{ env: BOT_URL }')
    .replaceAll(/\{ file: [^}]* \}/g, '{ env: KEY }');
  const secrets = ['verificationKeys', 'flowApiKey', 'botUrl', 'chaveApi'] as const;

  test('loads', () => {
    expect(faultsOf(withoutFiles, { secrets: [...secrets], env })).toEqual([]);
  });

  test('loads with every key that is known, and the page explains each', () => {
    const sections = ['', 'nicochat', 'nicochat.actions', 'connections.acme', 'connections.acme.signature'].concat([
      'connections.acme.limits',
      'channels.support',
      'routes[0]',
      'routes[0].when',
      'egress',
      'log',
    ]);
    const unknownEverywhere = `
zz: 1
nicochat: { zz: 1, actions: { zz: 1 } }
connections: { acme: { zz: 1, signature: { zz: 1 }, limits: { zz: 1 } } }
channels: { support: { zz: 1 } }
routes: [{ zz: 1, when: { zz: 1 } }]
egress: { zz: 1 }
log: { zz: 1 }
`;
    const known = faultsOf(unknownEverywhere).flatMap((fault) => {
      const [, section, keys] = / (?:(\S*)\.)?zz: is not a known key \(known here: (.*)\)/.exec(fault) ?? [];
      return keys === undefined ? [] : [{ section: section ?? '', keys: keys.split(', ') }];
    });
    expect(known.map(({ section }) => section)).toEqual(expect.arrayContaining(sections));
    const names = known.flatMap(({ keys }) => keys);
    expect(names.filter((name) => !new RegExp(`\\b${name}: `).test(text) && !text.includes(`${name}:\n`))).toEqual([]);
    expect(names.filter((name) => !new RegExp(`\`(\\w+\\.)*${name}[\`.]`).test(page))).toEqual([]);
    expect(channelTemplateFields.filter((field) => !page.includes(`\`{${field}}\``))).toEqual([]);
  });

  test('shows the defaults of a connection', () => {
    const load = (yaml: string) =>
      loadBridgeConfig({ path: temporaryFile(yaml), env, secrets: [], allowUnsigned: false }).connections.get('acme');
    const { headers: _shown, ...shown } = load(withoutFiles)?.signature ?? {};
    const bare = load('connections: { acme: { workspace: 4821, email: dono@exemplo.com.br } }');
    const { headers: _default, ...byDefault } = bare?.signature ?? {};
    expect({ ...load(withoutFiles), signature: shown }).toEqual({ ...bare, signature: byDefault });
  });
});
