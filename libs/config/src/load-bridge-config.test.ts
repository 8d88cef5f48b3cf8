import { describe, expect, expectTypeOf, test } from 'vitest';
import { defaultScheme } from '../../signature/src/index.ts';
import { faultsOf, temporaryFile } from './bridge-file/temporary-file.ts';
import { loadBridgeConfig, type BridgeConfig, type SignatureSettings } from './index.ts';

const whole = `
nicochat: { baseUrl: "https://partner.example/apichat.php", chaveApi: { file: chave }, publicUrl: "https://bridge.example/" }
connections:
  acme:
    workspace: 4821
    email: dono@exemplo.com.br
    verificationKeys: [ { file: verification-key }, { env: ACME_OLD_KEY, expiresAt: 2026-12-01T00:00:00-03:00 } ]
    flowApiKey: { file: flow-key }
    botUrl: { env: ACME_BOT_URL }
    signature: { headers: [X-Hub-Signature-256], algorithm: sha512, encoding: base64, mode: monitor }
    limits: { requestsPerSecond: 0.5, burst: 2, concurrency: 1 }
    onUnknownOutcome: hold
    conversationId: string
  other-1: { workspace: "w-7", verificationKeys: [{ env: OTHER_KEY }], flowApiKey: { env: FLOW }, botUrl: { env: ACME_BOT_URL }, chaveApi: { env: OTHER_CHAVE } }
channels:
  support: { topic: chat.support.v1, acceptsUnverified: true }
  plain: {}
routes:
  - { name: agents, when: { connection: acme, author: agent }, channel: support }
  - { name: rooms, when: { connection: [acme, other-1], kind: [text, buttons], conversation: [501, "0502"], contact: c-1 }, channel: "room-{conversation.id}" }
  - { name: rest, channel: rest }
defaultChannel: triage
egress: { allow: [127.0.0.1/32, simulator.internal] }
`;
const files = { chave: 'chave-1\n', 'verification-key': 'verification-key-1\r\n', 'flow-key': 'flow-key-1' };
const env = {
  ACME_OLD_KEY: 'an-old-verification-key',
  ACME_BOT_URL: 'https://bot.example/api/apichat/9f3c0a',
  OTHER_KEY: 'other-verification-key',
  FLOW: 'flow-key-2',
  OTHER_CHAVE: 'chave-2',
};
const all = ['verificationKeys', 'flowApiKey', 'botUrl', 'chaveApi'] as const;

describe('bridge.yaml, whole', () => {
  const load = () => loadBridgeConfig({ path: temporaryFile(whole, files), env, secrets: all, allowUnsigned: false });

  test('becomes connections with their secrets', () => {
    const acme = load().connections.get('acme');
    expect(acme).toEqual({
      id: 'acme',
      workspace: 4821,
      email: 'dono@exemplo.com.br',
      verificationKeys: [
        { key: 'verification-key-1' },
        { key: 'an-old-verification-key', expiresAt: new Date('2026-12-01T03:00:00Z') },
      ],
      flowApiKey: 'flow-key-1',
      botUrl: 'https://bot.example/api/apichat/9f3c0a',
      chaveApi: 'chave-1',
      signature: {
        ...defaultScheme,
        headers: ['x-hub-signature-256'],
        algorithm: 'sha512',
        encoding: 'base64',
        prefix: 'sha512=',
        mode: 'monitor',
        capture: 0,
      },
      limits: { requestsPerSecond: 0.5, burst: 2, concurrency: 1 },
      onUnknownOutcome: 'hold',
      conversationId: 'string',
      mediaShape: 'chatwoot-attachments',
    });
  });

  test('gives a connection the defaults, and its own ChaveApi where it has one', () => {
    const other = load().connections.get('other-1');
    expect(other).toEqual({
      id: 'other-1',
      workspace: 'w-7',
      verificationKeys: [{ key: 'other-verification-key' }],
      flowApiKey: 'flow-key-2',
      botUrl: 'https://bot.example/api/apichat/9f3c0a',
      chaveApi: 'chave-2',
      signature: { ...defaultScheme, mode: 'enforce', capture: 0 },
      limits: { requestsPerSecond: 5, burst: 10, concurrency: 4 },
      onUnknownOutcome: 'resend',
      conversationId: 'number',
      mediaShape: 'chatwoot-attachments',
    });
  });

  test('becomes the rest', () => {
    const { connections: _, ...rest } = load();
    expect(rest).toEqual({
      nicochat: {
        baseUrl: 'https://partner.example/apichat.php',
        publicUrl: 'https://bridge.example',
        chaveApi: 'chave-1',
        actions: { get: 'get-webhook', set: 'set-webhook', delete: 'delete-webhook' },
        keyField: 'ChaveApi',
      },
      channels: new Map<string, object>([
        ['support', { topic: 'chat.support.v1', acceptsUnverified: true }],
        ['plain', { acceptsUnverified: false }],
      ]),
      routes: [
        { name: 'agents', when: { connection: ['acme'], author: ['agent'] }, channel: 'support' },
        {
          name: 'rooms',
          when: {
            connection: ['acme', 'other-1'],
            kind: ['text', 'buttons'],
            conversation: ['501', '0502'],
            contact: ['c-1'],
          },
          channel: 'room-{conversation.id}',
        },
        { name: 'rest', when: {}, channel: 'rest' },
      ],
      defaultChannel: 'triage',
      egress: { allow: ['127.0.0.1/32', 'simulator.internal'] },
    });
  });
});

describe('secrets', () => {
  test('that the process does not ask for are neither needed nor looked at nor kept', () => {
    const path = temporaryFile(whole, { 'verification-key': 'verification-key-1' });
    const keys = { ACME_OLD_KEY: env.ACME_OLD_KEY, OTHER_KEY: env.OTHER_KEY };
    const config = loadBridgeConfig({ path, env: keys, secrets: ['verificationKeys'], allowUnsigned: false });
    expect(config.connections.get('acme')).toMatchObject({
      verificationKeys: [{ key: 'verification-key-1' }, { key: 'an-old-verification-key' }],
    });
    const kept = [config.nicochat, ...config.connections.values()].flatMap((part) => Object.keys(part ?? {}));
    expect(kept).not.toEqual(expect.arrayContaining(['flowApiKey']));
    expect(kept).not.toEqual(expect.arrayContaining(['botUrl']));
    expect(kept).not.toEqual(expect.arrayContaining(['chaveApi']));
  });

  test('may all be left to others, as the router does', () => {
    const config = loadBridgeConfig({ path: temporaryFile(whole), env: {}, secrets: [], allowUnsigned: false });
    expect(Object.keys(config.connections.get('acme') ?? {})).not.toContain('verificationKeys');
    expect(config.routes).toHaveLength(3);
  });

  test('that the process asks for must be there for every connection', () => {
    const bare = 'connections:\n  acme:\n    workspace: 1\n';
    expect(faultsOf(bare)).toEqual([]);
    expect(faultsOf(bare, { secrets: [...all] })).toEqual([
      'bridge.yaml:1:1 nicochat: is missing',
      'bridge.yaml:2:3 connections.acme.verificationKeys: is missing',
      'bridge.yaml:2:3 connections.acme.flowApiKey: is missing',
      'bridge.yaml:2:3 connections.acme.botUrl: is missing',
    ]);
  });

  test('are in the type only when they were asked for', () => {
    const path = temporaryFile(whole, files);
    const none = loadBridgeConfig({ path, env, secrets: [], allowUnsigned: false });
    expectTypeOf(none).toEqualTypeOf<BridgeConfig>();
    const some = loadBridgeConfig({ path, env, secrets: ['flowApiKey', 'botUrl'], allowUnsigned: false });
    expectTypeOf(some).toEqualTypeOf<BridgeConfig<'flowApiKey' | 'botUrl'>>();
    const acme = some.connections.get('acme');
    expect(acme?.flowApiKey).toBe('flow-key-1');
    // @ts-expect-error not asked for
    expect(acme?.verificationKeys).toBeUndefined();
  });
});

describe('the smallest file', () => {
  test('has a connection and nothing else', () => {
    const path = temporaryFile('connections: { acme: { workspace: 1 } }');
    const config = loadBridgeConfig({ path, env: {}, secrets: [], allowUnsigned: false });
    expect(config).toEqual({
      connections: new Map([['acme', expect.objectContaining({ id: 'acme', workspace: 1 })]]),
      channels: new Map(),
      routes: [],
      egress: { allow: [] },
    });
  });

  test('may hold anchors and aliases', () => {
    const text =
      'connections:\n  a: { workspace: 1, limits: &slow { requestsPerSecond: 1 } }\n  b: { workspace: 2, limits: *slow }';
    const config = loadBridgeConfig({ path: temporaryFile(text), env: {}, secrets: [], allowUnsigned: false });
    expect(config.connections.get('b')?.limits).toEqual({ requestsPerSecond: 1, burst: 10, concurrency: 4 });
  });
});

test('the default signature is the default scheme of the signature library', () => {
  const path = temporaryFile('connections: { acme: { workspace: 1 } }');
  const config = loadBridgeConfig({ path, env: {}, secrets: [], allowUnsigned: false });
  expect(config.connections.get('acme')?.signature).toEqual({ ...defaultScheme, mode: 'enforce', capture: 0 });
  expectTypeOf<Omit<SignatureSettings, 'mode' | 'capture'>>().toEqualTypeOf<typeof defaultScheme>();
});

test('signature.mode off is taken where the process allows it', () => {
  const text = 'connections: { acme: { workspace: 1, signature: { mode: off } } }';
  expect(faultsOf(text, { allowUnsigned: true })).toEqual([]);
  expect(faultsOf(text)).toEqual([
    'bridge.yaml:1:51 connections.acme.signature.mode: off takes webhooks from anybody: it needs BRIDGE_ALLOW_UNSIGNED=true',
  ]);
});

test('a file that is not there says how to name another', () => {
  const load = () => loadBridgeConfig({ path: '/nowhere/bridge.yaml', env: {}, secrets: [], allowUnsigned: false });
  expect(load).toThrow('/nowhere/bridge.yaml: does not exist: BRIDGE_CONFIG names the file to use');
});
