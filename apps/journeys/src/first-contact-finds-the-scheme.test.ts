import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inboundEventSchema } from '@bridge/schemas';
import { describe, expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { until } from './world/until.ts';

/** Four connections, so four schemes and shapes a run; a seed that failed is given again by this variable. */
const seed = process.env['FIRST_CONTACT_SEED'] ?? randomBytes(4).toString('hex');
const ids = ['acme', 'loja', 'clinica', 'escola'];
const unknown = { bridge: { signature: { mode: 'monitor', capture: 2 } }, workspace: { webhook: null } };

const world = journey({
  apps: ['simulator', 'ingress', 'outbound'],
  connections: Object.fromEntries(ids.map((id) => [id, unknown])),
  env: { simulator: { SIMULATOR_SCHEME: `random:${seed}` } },
});

const from = () => ['--from', world.probes('ingress')];

/** The lines that verify-sample printed, by connection; bridge.yaml is as it was at first but for them. */
const found = new Map<string, string>();

/** Puts a line into bridge.yaml, as an operator does, byte for byte: the file is JSON, and the line is YAML that fits into it. */
function paste(id: string, line: string): void {
  found.set(id, line);
  const bridge = JSON.parse(atFirst()) as { connections: Record<string, { signature: unknown }> };
  for (const each of found.keys()) Object.assign(bridge.connections[each] ?? {}, { signature: `paste ${each}` });
  const text = JSON.stringify(bridge, null, 2);
  writeFileSync(
    world.file('bridge.yaml'),
    text.replaceAll(/"signature": "paste (\w+)"/g, (_whole, each: string) => found.get(each) ?? ''),
  );
}

/** Of the buttons that the bot answered with. */
const firstCaptures = new Map<string, string>();

let first: string | undefined;
const atFirst = () => (first ??= readFileSync(world.file('bridge.yaml'), 'utf8'));

/** The saved capture of a delivery to this connection, once there is one. */
async function captureOf(id: string): Promise<string> {
  const folder = world.file('captures');
  return until(`a capture of ${id}`, async () => {
    expect((await world.bridge('captures', 'save', folder, ...from())).code).toBe(0);
    const name = readdirSync(folder).find((each) => each.startsWith(`${id}-`) && !each.includes('handshake'));
    return name && join(folder, name);
  });
}

describe(`with the seed ${seed}, and nothing told in advance`, () => {
  it.each(ids)('%s comes from set-webhook to enforce', async (id) => {
    const { workspace, verificationKey } = world.connection(id);
    atFirst();
    const set = await world.bridge('webhook', 'set', id);
    expect([set.stderr, set.code]).toEqual([expect.stringContaining('leads to ingress'), 0]);
    const saying = ['--conversation', '900', '--contact-id', 'cliente-77', '--text', '/buttons'];
    expect(await world.bridge('send', '--connection', id, ...saying, '--wait')).toMatchObject({ code: 0 });

    const capture = await captureOf(id);
    firstCaptures.set(id, capture);
    expect(statSync(capture).mode & 0o777).toBe(0o600);
    expect(readFileSync(capture, 'utf8')).not.toContain(verificationKey);
    const verified = await world.bridge('verify-sample', capture);
    expect([verified.stderr, verified.code]).toEqual([expect.stringContaining('This verifies'), 0]);
    expect(verified.stdout + verified.stderr).not.toContain(verificationKey);

    paste(id, verified.stdout.trim());
    const deliver = (signature: string, text = 'Olá!') =>
      world.simulator.deliver(workspace, { message: { kind: 'text', text }, conversationId: '901', signature });
    await until('enforce to hold', async () => (await deliver('none')).status === 401);
    expect(await deliver('forged')).toMatchObject({ status: 401 });
    expect(await deliver('valid', `verified ${id}`)).toMatchObject({ status: 200 });
    const { inboundEvents } = world.topics.names;
    const eventWith = (text: string) =>
      world.topics.until(inboundEvents, `${id}: ${text}`, (records) =>
        records
          .map(({ value }) => inboundEventSchema.parse(JSON.parse(value ?? '')))
          .find(({ connection, message }) => connection === id && 'text' in message && message.text === text),
      );
    expect(await eventWith(`verified ${id}`)).toMatchObject({ verified: true, message: { kind: 'text' } });
    // The shape was read already while the signature was not known.
    expect(await eventWith('Como posso ajudar?')).toMatchObject({
      message: { kind: 'buttons' },
      contact: { id: 'cliente-77' },
    });
  });
});

it('a fixture of what was captured has nothing of its contents, and is read as the same kind', async () => {
  const fixture = await world.bridge('fixture', firstCaptures.get('acme') ?? '');
  expect(fixture.code).toBe(0);
  expect(fixture.stdout).toContain('"kind":"buttons"');
  expect(fixture.stdout).not.toMatch(/Como posso|Falar com|IR_VENDAS|cliente-77/);
});

it('captures are for this machine, are counted, and are deleted', async () => {
  const held = async () => {
    const metrics = await (await fetch(`${world.probes('ingress')}/metrics`)).text();
    return /^bridge_ingress_captures\{connection="acme"\} (\d+)$/m.exec(metrics)?.[1];
  };
  expect(Number(await held())).toBeGreaterThanOrEqual(2);
  const captures = `${world.probes('ingress')}/captures`;
  expect((await fetch(captures)).status).toBe(200);
  expect((await fetch(captures, { headers: { 'x-forwarded-for': '10.0.0.7' } })).status).toBe(404);
  expect((await world.bridge('captures', 'delete', '--all', ...from())).stdout).toMatch(/^deleted \d+ captures\n$/);
  expect((await world.bridge('captures', 'list', ...from())).stdout).toBe('');
  expect(await held()).toBeUndefined();
});
