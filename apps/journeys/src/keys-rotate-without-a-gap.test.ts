import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applied, changeBridgeFile, metricOf } from './world/bridge-file.ts';
import { journey } from './world/journey.ts';
import { secretOf } from './world/private-values.ts';
import { commandRecord, resultsOf, sendCommand } from './world/send-commands.ts';
import { until } from './world/until.ts';
import { postWebhook, signed } from './world/webhook-sender.ts';

const world = journey({ connections: { acme: {} }, routing: { defaultChannel: 'triage' } });
const newKey = secretOf('the-new-verification-key');

describe('the verification key', () => {
  it('is replaced, step by step, and no webhook is refused', async () => {
    const { workspace, verificationKey } = world.connection('acme');
    const oldFile = { file: 'acme-verification-key' };
    const newFile = { file: 'acme-new-verification-key' };
    const keys = (verificationKeys: object[]) =>
      changeBridgeFile(world, ['ingress'], ({ connections }) => {
        Object.assign(connections['acme'] ?? {}, { verificationKeys });
      });
    const verified = (key: number) =>
      metricOf(world, 'ingress', `bridge_webhook_verified_timestamp_seconds{connection="acme",key="${key}"}`);

    // NicoChat goes on delivering, with the key that it has.
    const statuses: (number | null)[] = [];
    const stopping = new AbortController();
    const delivering = (async () => {
      for (let number = 0; !stopping.signal.aborted; number += 1) {
        const message = { kind: 'text', text: `message ${number}` };
        statuses.push((await world.simulator.deliver(workspace, { message, conversationId: '501' })).status);
      }
    })();
    await until('deliveries', () => statuses.length > 5);

    writeFileSync(world.file(newFile.file), `${newKey}\n`);
    await keys([oldFile, newFile]);
    await until('the old key to verify', async () => (await verified(0)) !== undefined);
    expect(await verified(1)).toBeUndefined();

    await keys([newFile, oldFile]);
    expect(await world.bridge('webhook', 'set', 'acme')).toMatchObject({ code: 0 });
    expect((await world.simulator.workspace(workspace)).webhook?.verificationKey).toBe(newKey);
    await until('the new key to verify', async () => ((await verified(0)) ?? 0) > ((await verified(1)) ?? Infinity));

    // The old one is no longer needed: it ends.
    await keys([newFile, { ...oldFile, expiresAt: '2020-01-01T00:00:00Z' }]);
    const before = statuses.length;
    await until('more deliveries', () => statuses.length > before + 5);
    stopping.abort();
    await delivering;
    expect(statuses.length).toBeGreaterThan(20);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);

    const body = '{"message_type":"outgoing","content":"oi","conversation_id":501}';
    const acme = world.connection('acme');
    expect((await postWebhook(acme, body, signed(acme, body))).status).toBe(401);
    expect((await postWebhook(acme, body, signed({ ...acme, verificationKey: newKey }, body))).status).toBe(200);
    expect(verificationKey).toBe(acme.verificationKey);
  });
});

describe('the flow API key', () => {
  const send = async (conversation: string) => {
    const { sendCommands } = world.topics.names;
    const command = sendCommand({ connection: 'acme', conversation, message: 'oi' });
    await world.topics.publish([commandRecord(sendCommands, command)]);
    return command.id;
  };
  const resultOf = (id: string) =>
    world.topics.until(world.topics.names.sendResults, `the result of ${id}`, (all) => resultsOf(all, id)[0]);
  const breaker = () => metricOf(world, 'outbound', 'bridge_outbound_breaker_open{connection="acme"}');

  it('is read again when it is refused, before the breaker opens', async () => {
    const { workspace } = world.connection('acme');
    expect(await resultOf(await send('601'))).toMatchObject({ outcome: 'sent', attempts: 1 });
    // With a broken bridge.yaml nothing else could read the new key.
    const path = world.file('bridge.yaml');
    const good = readFileSync(path, 'utf8');
    writeFileSync(path, '{');
    await until(
      'outbound to refuse it',
      async () => (await metricOf(world, 'outbound', 'bridge_config_refused')) === 1,
    );

    await world.simulator.changeWorkspace(workspace, { flowApiKey: secretOf('the-new-flow-api-key') });
    writeFileSync(world.file('acme-flow-api-key'), `${secretOf('the-new-flow-api-key')}\n`);
    expect(await resultOf(await send('602'))).toMatchObject({ outcome: 'sent', attempts: 2, status: 200 });
    const received = await world.simulator.journal({ kind: 'received', conversation: '602' });
    expect(received.map(({ status }) => status)).toEqual([401, 200]);
    expect(await breaker()).toBe(0);
    expect(await resultOf(await send('603'))).toMatchObject({ outcome: 'sent', attempts: 1 });
    writeFileSync(path, good);
    await until('outbound to take it', async () => (await metricOf(world, 'outbound', 'bridge_config_refused')) === 0);
  });

  it('opens the breaker when there is no other, and closes it as soon as there is', async () => {
    const { workspace } = world.connection('acme');
    await world.simulator.changeWorkspace(workspace, { flowApiKey: secretOf('yet-another-flow-api-key') });
    const id = await send('604');
    await until('the breaker to open', async () => (await breaker()) === 1);
    await applied(world, ['outbound'], () =>
      writeFileSync(world.file('acme-flow-api-key'), secretOf('yet-another-flow-api-key')),
    );
    expect(await resultOf(id)).toMatchObject({ outcome: 'sent', status: 200 });
    expect(await breaker()).toBe(0);
  });
});
