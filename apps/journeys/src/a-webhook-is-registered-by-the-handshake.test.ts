import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chaveApi } from './world/bridge-folder.ts';
import { journey } from './world/journey.ts';

const world = journey({
  apps: ['simulator', 'ingress'],
  connections: {
    form: { workspace: { webhook: null, handshake: 'form' } },
    json: { workspace: { webhook: null, handshake: 'json' } },
    query: { workspace: { webhook: null, handshake: 'query' } },
    rotated: { workspace: { webhook: null } },
  },
});

const webhookOf = async (id: string) => (await world.simulator.workspace(world.connection(id).workspace)).webhook;

it.each(['form', 'json', 'query'])('bridge webhook set registers it, with the handshake as %s', async (id) => {
  const { webhookUrl, workspace, verificationKey, botUrl } = world.connection(id);
  const botUrlFile = world.file(`${id}-written-bot-url`);

  const { code, stdout, stderr } = await world.bridge('webhook', 'set', id, '--store-bot-url', `file:${botUrlFile}`);
  expect(code).toBe(0);
  expect(stdout).toContain(webhookUrl);
  expect(stdout).toMatch(/webhook_status\s+verified/);
  for (const secret of [verificationKey, botUrl, chaveApi]) expect(stdout + stderr).not.toContain(secret);
  expect(readFileSync(botUrlFile, 'utf8').trim()).toBe(botUrl);
  expect(await webhookOf(id)).toEqual({ url: webhookUrl, verificationKey });
  const handshakes = await world.simulator.journal({ kind: 'handshake', workspace });
  expect(handshakes.map(({ status, outcome }) => [status, outcome])).toEqual([[200, 'verified']]);
});

it('bridge webhook get shows it and delete removes it, and a second delete finds it gone', async () => {
  const { webhookUrl } = world.connection('form');
  expect(await world.bridge('webhook', 'get', 'form')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(webhookUrl),
  });
  expect(await world.bridge('webhook', 'delete', 'form')).toMatchObject({ code: 0 });
  expect(await webhookOf('form')).toBeNull();
  expect(await world.bridge('webhook', 'delete', 'form')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('deleted already'),
  });
});

it('a key that ingress has not is found out before NicoChat is asked, and by NicoChat as well', async () => {
  const { workspace } = world.connection('rotated');
  const key = 'a-key-that-ingress-has-not';
  writeFileSync(world.file('unread-key'), key);
  const elsewhere = JSON.parse(readFileSync(world.file('bridge.yaml'), 'utf8')) as {
    connections: Record<string, { verificationKeys: unknown }>;
  };
  Object.assign(elsewhere.connections['rotated'] ?? {}, { verificationKeys: [{ file: 'unread-key' }] });
  writeFileSync(world.file('elsewhere.yaml'), JSON.stringify(elsewhere));
  const set = ['webhook', 'set', 'rotated', '--config', world.file('elsewhere.yaml')];

  const checked = await world.bridge(...set, '--wait-seconds', '0');
  expect(checked.code).toBe(1);
  expect(checked.stderr).toContain('it knows "rotated", but not the first of its verificationKeys');
  expect(await world.simulator.journal({ kind: 'handshake', workspace })).toEqual([]);

  const unchecked = await world.bridge(...set, '--no-check');
  expect(unchecked.code).toBe(1);
  expect(unchecked.stderr).toContain('403');
  expect(checked.stderr + unchecked.stderr).not.toContain(key);
  expect(await webhookOf('rotated')).toBeNull();
  const [handshake] = await world.simulator.journal({ kind: 'handshake', workspace });
  expect(handshake).toMatchObject({ status: 403, outcome: 'refused', answer: '' });
});

it("a wrong ChaveApi is refused in NicoChat's words, with what to check", async () => {
  writeFileSync(world.file('chave-api'), 'the-key-of-nobody');
  const set = await world.bridge('webhook', 'set', 'rotated');
  expect(set.code).toBe(1);
  expect(set.stderr).toMatch(/401.*Unauthenticated/);
  expect(set.stderr).toContain('Check chaveApi');
  expect(set.stderr).not.toContain('the-key-of-nobody');
});
