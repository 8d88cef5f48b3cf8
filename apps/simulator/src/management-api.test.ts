import { readManagementAnswer } from '@bridge/schemas';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { account, startTestSimulator } from './testing/test-simulator.ts';
import { challengeIn, startReceiver } from './testing/webhook-receiver.ts';

type Simulator = Awaited<ReturnType<typeof startTestSimulator>>;
type Receiver = Awaited<ReturnType<typeof startReceiver>>;

let simulator: Simulator;
let webhook: Receiver;
beforeEach(async () => {
  simulator = await startTestSimulator();
  webhook = await startReceiver();
});
afterEach(async () => {
  await simulator.stop();
  await webhook.close();
});

const wish = (url: string) => ({ ...account, webhook_url: url, webhook_verification_key: 'k3y-so-nossa' });
const isSet = async () =>
  ((await simulator.manage('get-webhook')).body['data'] as { webhook_status: string }).webhook_status === 'verified';

describe('the management API', () => {
  test('sets a webhook after the handshake, tells it, and deletes it', async () => {
    const documented = {
      status: 'ok',
      data: {
        webhook_url: webhook.url,
        webhook_verification_key: 'k3y-so-nossa',
        webhook_status: 'verified',
        bot_url: `${simulator.url}/bot/demo`,
      },
    };
    expect(await simulator.manage('set-webhook', wish(webhook.url))).toEqual({ status: 200, body: documented });
    expect(await simulator.manage('get-webhook')).toEqual({ status: 200, body: documented });
    expect(readManagementAnswer(200, JSON.stringify(documented), 'set').kind).toBe('ok');
    expect(await simulator.manage('delete-webhook')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await isSet()).toBe(false);
    expect(await simulator.manage('delete-webhook')).toEqual({ status: 404, body: { message: 'Webhook not found.' } });
  });

  test('takes the workspace as a number and as a text', async () => {
    expect((await simulator.manage('get-webhook', { ...account, workspace: '1' })).status).toBe(200);
  });

  test.each([
    ['a wrong Bearer token', 'get-webhook', account, 'wrong', 401],
    ['a wrong ChaveApi in the body', 'get-webhook', { ...account, ChaveApi: 'wrong' }, undefined, 401],
    ['an unknown workspace', 'get-webhook', { ...account, workspace: 2 }, undefined, 404],
    ["another's e-mail", 'get-webhook', { ...account, email: 'x@example.com' }, undefined, 404],
    ['a body that is no JSON', 'get-webhook', '{', undefined, 400],
    ['an unknown action', 'get-apichat-webhook', account, undefined, 400],
    ['a missing field', 'set-webhook', account, undefined, 422],
    ['a webhook that is not on the web', 'set-webhook', wish('ftp://example.com/'), undefined, 422],
  ])('refuses %s with a message', async (_what, action, body, token, status) => {
    const answer = await simulator.manage(action, body, token);
    expect(answer).toEqual({ status, body: { message: expect.stringMatching(/.+/) } });
    const [entry] = await simulator.journal('kind=management');
    expect(entry).toMatchObject({ kind: 'management', method: 'POST', status, detail: answer.body['message'] });
  });
});

describe('the handshake', () => {
  test.each(['form', 'json', 'query'] as const)('comes by POST as %s', async (handshake) => {
    await simulator.control('PATCH', '/workspaces/1', { handshake });
    expect((await simulator.manage('set-webhook', wish(`${webhook.url}?a=b`))).status).toBe(200);
    const [request] = webhook.received;
    const types = { form: 'application/x-www-form-urlencoded', json: 'application/json', query: undefined };
    expect(request?.headers['content-type']).toBe(types[handshake]);
    expect(challengeIn(request!)).toEqual({
      token: 'k3y-so-nossa',
      challenge: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(await simulator.journal('kind=handshake')).toMatchObject([
      { kind: 'handshake', workspace: '1', status: 200, outcome: 'verified', answer: challengeIn(request!)?.challenge },
    ]);
  });

  test.each([
    ['answers in quotes', (challenge: string) => ({ status: 200, body: `"${challenge}"` })],
    ['answers with a newline', (challenge: string) => ({ status: 200, body: `${challenge}\n` })],
    ['answers something else', () => ({ status: 200, body: '{"status":"ok"}' })],
    ['refuses', (challenge: string) => ({ status: 403, body: challenge })],
  ])('fails when the webhook %s, and the webhook before stays', async (_what, reply) => {
    const strange = await startReceiver((request) => reply(challengeIn(request)?.challenge ?? ''));
    expect((await simulator.manage('set-webhook', wish(webhook.url))).status).toBe(200);
    const answer = await simulator.manage('set-webhook', wish(strange.url));
    expect(answer).toEqual({ status: 400, body: { message: expect.stringMatching(/not verified/) } });
    expect(strange.received).toHaveLength(1);
    const { data } = (await simulator.manage('get-webhook')).body as { data: { webhook_url: string } };
    expect(data.webhook_url).toBe(webhook.url);
    await strange.close();
  });

  test('fails when nobody listens or nobody answers', async () => {
    const silent = await startReceiver(() => new Promise(() => {}));
    await simulator.control('PATCH', '/workspaces/1', { delivery: { timeoutMs: 50 } });
    expect((await simulator.manage('set-webhook', wish(silent.url))).body['message']).toMatch(/no answer within 50 ms/);
    await silent.close();
    expect((await simulator.manage('set-webhook', wish(silent.url))).body['message']).toMatch(/ECONNREFUSED/);
    expect(await isSet()).toBe(false);
  });
});

describe('faults of the management API', () => {
  test('answer in its place, so that nothing is set', async () => {
    await simulator.control('POST', '/workspaces/1/faults', { target: 'management', kind: 'status', status: 500 });
    expect((await simulator.manage('set-webhook', wish(webhook.url))).status).toBe(500);
    expect(webhook.received).toEqual([]);
    expect(await isSet()).toBe(false);
    expect((await simulator.manage('set-webhook', wish(webhook.url))).status).toBe(200);
  });

  test('can lose only the answer', async () => {
    const fault = { target: 'management', kind: 'reset', accepts: true };
    await simulator.control('POST', '/workspaces/1/faults', fault);
    await expect(simulator.manage('set-webhook', wish(webhook.url))).rejects.toThrow();
    expect(await isSet()).toBe(true);
  });
});
