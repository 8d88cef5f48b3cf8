import { describe, expect, it } from 'vitest';
import { runBridgeCommand, temporaryFile } from '../bridge-command.fixture.ts';

const env = {
  ACME_KEY: 'verification-key-1',
  ACME_FLOW_KEY: 'flow-key-1',
  ACME_BOT_URL: 'https://bot.example/api/apichat/9f3c0a',
  CHAVE_API: 'chave-1',
};

const connections = `
connections:
  acme:
    workspace: 4821
    email: dono@exemplo.com.br
    verificationKeys: [{ env: ACME_KEY }]
    flowApiKey: { env: ACME_FLOW_KEY }
    botUrl: { env: ACME_BOT_URL }
    signature: { headers: [x-signature], algorithm: sha1 }
channels:
  support: { topic: chat.support.v1, acceptsUnverified: true }
routes:
  - { name: agents, when: { connection: acme, author: agent }, channel: support }
  - { name: rooms, when: { kind: [text, buttons] }, channel: "room-{conversation.id}" }
defaultChannel: triage
`;
const nicochat = `
nicochat: { baseUrl: "https://parceiro.example/apichat.php?token=abc", publicUrl: "https://bridge.example", chaveApi: { env: CHAVE_API } }
`;

describe('config check', () => {
  it('sums up a good file, without its secrets', async () => {
    const path = temporaryFile('good.yaml', nicochat + connections);
    const { exitCode, stdout, stderr } = await runBridgeCommand(['config', 'check', '--config', path], { env });
    expect(stdout.trimEnd().split('\n')).toEqual([
      `OK ${path}`,
      'nicochat: https://parceiro.example/apichat.php, ingress seen at https://bridge.example',
      'connections: 1',
      '  acme: workspace 4821; signature enforce, sha1 of body in x-signature; on unknown outcome resend',
      'channels with settings of their own: 1',
      '  support: topic chat.support.v1, accepts unverified events',
      'routes, the first that matches wins: 2',
      '  agents: connection acme, author agent → support',
      '  rooms: kind text or buttons → room-{conversation.id}',
      'default channel: triage',
    ]);
    for (const secret of Object.values(env)) expect(stdout + stderr).not.toContain(secret);
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('takes a file that leaves out what only `bridge webhook` needs', async () => {
    const path = temporaryFile('no-nicochat.yaml', connections);
    const { exitCode, stdout } = await runBridgeCommand(['config', 'check'], { env: { ...env, BRIDGE_CONFIG: path } });
    expect(stdout).toContain('nicochat: not given');
    expect(exitCode).toBe(0);
  });

  it('blames a faulty file for its faults only, not for what it may leave out', async () => {
    const path = temporaryFile('bad-no-nicochat.yaml', connections.replace('workspace:', 'workspaces:'));
    const { exitCode, stderr } = await runBridgeCommand(['config', 'check', '--config', path], { env });
    expect(stderr).toContain('connections.acme.workspaces: is not a known key');
    expect(stderr).not.toContain('nicochat: is missing');
    expect(exitCode).toBe(78);
  });

  it('tells every fault by line and column, and every secret that is not there', async () => {
    const path = temporaryFile('bad.yaml', nicochat + connections.replace('workspace:', 'workspaces:'));
    const { ACME_KEY: _missing, ...rest } = env;
    const { exitCode, stdout, stderr } = await runBridgeCommand(['config', 'check', '--config', path], { env: rest });
    expect(stderr).toContain(`${path}:6:5 connections.acme.workspaces: is not a known key`);
    expect(stderr).toContain(`${path}:8:24 connections.acme.verificationKeys[0]: the variable ACME_KEY is not set`);
    expect([exitCode, stdout]).toEqual([78, '']);
  });
});

describe('config show', () => {
  it('prints the file with its defaults, which is a file again, and no secret', async () => {
    const path = temporaryFile('show.yaml', connections);
    const { ACME_BOT_URL: _missing, ...rest } = env;
    const { exitCode, stdout, stderr } = await runBridgeCommand(['config', 'show', '--config', path], { env: rest });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('      - env: ACME_KEY # set\n');
    expect(stdout).toContain('env: ACME_BOT_URL # not set: the variable ACME_BOT_URL is not set\n');
    expect(stdout).toContain('      burst: 10\n');
    for (const secret of Object.values(env)) expect(stdout).not.toContain(secret);

    const again = temporaryFile('shown.yaml', stdout);
    const check = await runBridgeCommand(['config', 'check', '--config', again], { env });
    expect([check.exitCode, check.stderr]).toEqual([0, '']);
  });

  it('tells the faults of a bad file instead', async () => {
    const path = temporaryFile('bad-show.yaml', connections.replace('workspace:', 'workspaces:'));
    const { exitCode, stdout, stderr } = await runBridgeCommand(['config', 'show', '--config', path], { env });
    expect(stderr).toContain(`${path}:4:5 connections.acme.workspaces: is not a known key`);
    expect([exitCode, stdout]).toEqual([78, '']);
  });
});

it('config schema prints a JSON Schema, whatever the configuration is', async () => {
  const { exitCode, stdout } = await runBridgeCommand(['config', 'schema'], { env: { BRIDGE_CONFIG: '/nowhere' } });
  expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('draft-07'), required: ['connections'] });
  expect(exitCode).toBe(0);
});
