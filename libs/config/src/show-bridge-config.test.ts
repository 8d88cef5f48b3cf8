import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryFile } from './bridge-file/temporary-file.ts';
import { loadBridgeConfig, showBridgeConfig } from './index.ts';

const text = `
nicochat: { baseUrl: "https://partner.example/apichat.php", chaveApi: { file: chave } }
connections:
  acme:
    workspace: 4821
    verificationKeys: [{ file: key, expiresAt: 2026-12-01T00:00:00Z }, { env: OLD_KEY }]
    flowApiKey: { env: FLOW_KEY }
    signature: { headers: [X-Signature], algorithm: sha1 }
  file: { workspace: "no: number", botUrl: { file: nowhere } }
channels:
  env: { topic: chat.env.v1 }
routes:
  - { name: vip, when: { conversation: [501, "0502"], connection: file }, channel: "room-{conversation.id}" }
`;
const secrets = { key: 'k3y-so-nossa-k3y-so-nossa', chave: 'ch4ve-so-nossa' };
const env = { OLD_KEY: 'k3y-antiga-k3y-antiga', FLOW_KEY: '' };

test('the file is shown with its defaults, and its secrets by where they are', () => {
  const path = temporaryFile(text, secrets);
  const shown = showBridgeConfig({ path, env, allowUnsigned: false });
  expect(shown.replaceAll(path.replace('bridge.yaml', ''), '')).toMatchInlineSnapshot(`
    "# bridge.yaml with every default filled in; secrets are named, not shown.

    nicochat:
      baseUrl: https://partner.example/apichat.php
      actions:
        get: get-webhook
        set: set-webhook
        delete: delete-webhook
      keyField: ChaveApi
      chaveApi:
        file: chave # set
    connections:
      acme:
        workspace: 4821
        verificationKeys:
          - file: key # set
            expiresAt: 2026-12-01T00:00:00Z
          - env: OLD_KEY # set
        flowApiKey:
          env: FLOW_KEY # not set: the variable FLOW_KEY is empty
        signature:
          headers: [x-signature]
          algorithm: sha1
          encoding: hex
          signedContent: body
          timestampHeader: x-chatwoot-timestamp
          toleranceSeconds: 300
          mode: enforce
          capture: 0
          prefix: sha1=
        limits:
          requestsPerSecond: 5
          burst: 10
          concurrency: 4
        onUnknownOutcome: resend
        conversationId: number
        mediaShape: chatwoot-attachments
      file:
        workspace: "no: number"
        botUrl:
          file: nowhere # not set: the file nowhere does not exist
        signature:
          headers: [x-hub-signature-256, x-hub-signature, x-signature, x-signature-256, x-webhook-signature, x-apichat-signature, x-uchat-signature, signature]
          algorithm: sha256
          encoding: hex
          signedContent: body
          timestampHeader: x-chatwoot-timestamp
          toleranceSeconds: 300
          mode: enforce
          capture: 0
          prefix: sha256=
        limits:
          requestsPerSecond: 5
          burst: 10
          concurrency: 4
        onUnknownOutcome: resend
        conversationId: number
        mediaShape: chatwoot-attachments
    channels:
      env:
        topic: chat.env.v1
        acceptsUnverified: false
    routes:
      - name: vip
        when:
          connection: [file]
          conversation: ["501", "0502"]
        channel: room-{conversation.id}
    egress:
      allow: []
    "
  `);
  for (const secret of [...Object.values(secrets), env.OLD_KEY]) expect(shown).not.toContain(secret);
});

test('what is shown says the same as the file', () => {
  const path = temporaryFile(text, secrets);
  const load = () => loadBridgeConfig({ path, env, secrets: ['chaveApi'], allowUnsigned: false });
  const before = load();
  writeFileSync(path, showBridgeConfig({ path, env, allowUnsigned: false }));
  expect(load()).toEqual(before);
});

test('a file with faults is not shown', () => {
  const path = temporaryFile(`${text}colour: blue\n`);
  expect(() => showBridgeConfig({ path, env, allowUnsigned: false })).toThrow('colour: is not a known key');
});

test('the query of the management address, which may hold a token, is not shown', () => {
  const path = temporaryFile(text.replace('apichat.php', 'apichat.php?token=k3y'));
  const shown = showBridgeConfig({ path, env, allowUnsigned: false });
  expect(shown).toContain('baseUrl: https://partner.example/apichat.php # and a query, which is not shown\n');
  expect(shown).not.toContain('k3y');
});
