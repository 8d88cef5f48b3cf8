import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestSimulator, textRequest } from './testing/test-simulator.ts';
import { startReceiver } from './testing/webhook-receiver.ts';

let simulator: Awaited<ReturnType<typeof startTestSimulator>>;
beforeEach(async () => {
  simulator = await startTestSimulator();
});
afterEach(() => simulator.stop());

describe('workspaces', () => {
  test('are made whole from what is given, changed in part, and removed', async () => {
    const made = await simulator.control('PUT', '/workspaces/4821', { shape: 'uchat', flowApiKey: 'outra-chave' });
    expect(made).toMatchObject({
      status: 201,
      body: { id: '4821', shape: 'uchat', flowApiKey: 'outra-chave', botUrl: `${simulator.url}/bot/bot-4821` },
    });
    const first = { signature: { headers: ['x-own'], prefix: '' }, delivery: { retries: 3 } };
    await simulator.control('PATCH', '/workspaces/4821', first);
    const second = { signature: { algorithm: 'sha512' }, delivery: { timeoutMs: 9 }, botCode: 'novo' };
    expect(await simulator.control('PATCH', '/workspaces/4821', second)).toMatchObject({
      status: 200,
      body: {
        shape: 'uchat',
        botCode: 'novo',
        signature: { algorithm: 'sha512', headers: ['x-own'], prefix: '', encoding: 'hex' },
        delivery: { retries: 3, timeoutMs: 9 },
      },
    });
    expect((await simulator.control('PUT', '/workspaces/4821', {})).body).toMatchObject({ shape: 'chatwoot' });
    const listed = (await simulator.control('GET', '/workspaces')).body['workspaces'];
    expect((listed as { id: string }[]).map(({ id }) => id)).toEqual(['1', '4821']);
    expect((await simulator.control('DELETE', '/workspaces/4821')).status).toBe(204);
    expect((await simulator.control('GET', '/workspaces/4821')).status).toBe(404);
  });

  test('answer at their new bot code and no more at the old one', async () => {
    await simulator.control('PATCH', '/workspaces/1', { botCode: 'novo' });
    const post = (code: string) => fetch(`${simulator.url}/bot/${code}`, { method: 'POST' });
    expect([(await post('novo')).status, (await post('demo')).status]).toEqual([401, 404]);
  });

  test.each([
    ['an unknown field', 'PUT', '/workspaces/2', { colour: 'red' }, 400, 'colour'],
    [
      'a wrong value, by its path',
      'PATCH',
      '/workspaces/1',
      { signature: { algorithm: 'md5' } },
      400,
      'signature.algorithm',
    ],
    ["another's bot code", 'PUT', '/workspaces/2', { botCode: 'demo' }, 409, 'demo'],
    ['an unknown workspace', 'PATCH', '/workspaces/9', {}, 404, '9'],
    ['a delivery of nothing', 'POST', '/workspaces/1/deliver', {}, 400, 'exactly one'],
    [
      'a delivery of an unknown kind',
      'POST',
      '/workspaces/1/deliver',
      { message: { kind: 'unknown' } },
      400,
      'seven kinds',
    ],
    ['a body that is no object', 'POST', '/workspaces/1/deliver', [], 400, 'JSON object'],
    ['an unknown kind of entry', 'GET', '/journal?kind=lost', undefined, 400, 'kind'],
  ])('refuse %s as a problem', async (_what, method, path, body, status, detail) => {
    const answer = await simulator.control(method, path, body);
    expect(answer).toMatchObject({ status, body: { status, detail: expect.stringContaining(detail) } });
  });

  test('refuse a body that is no JSON as a problem', async () => {
    const answer = await fetch(`${simulator.url}/control/workspaces/2`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
  });
});

describe('the rest of the control API', () => {
  test('lists and clears faults', async () => {
    const fault = { target: 'bot-url', kind: 'status', status: 503, times: null };
    expect(await simulator.control('POST', '/workspaces/1/faults', fault)).toMatchObject({ status: 201, body: fault });
    expect((await simulator.control('GET', '/workspaces/1/faults')).body).toMatchObject({ faults: [fault] });
    expect((await simulator.postToBot(textRequest('Oi'))).status).toBe(503);
    expect((await simulator.control('DELETE', '/workspaces/1/faults')).status).toBe(204);
    expect((await simulator.postToBot(textRequest('Oi'))).status).toBe(200);
  });

  test('pages through the journal, filters it and clears it', async () => {
    await simulator.control('PATCH', '/workspaces/1', { botAnswers: false });
    for (const content of ['um', 'dois', 'três']) await simulator.postToBot(textRequest(content));
    const page = (await simulator.control('GET', '/journal?kind=received&workspace=1&limit=2')).body;
    expect(page).toMatchObject({ entries: [{ sequence: 1 }, { sequence: 2 }], next: 2 });
    expect((await simulator.journal('since=2')).map(({ sequence }) => sequence)).toEqual([3]);
    expect(await simulator.journal('kind=sent')).toEqual([]);
    expect((await simulator.control('DELETE', '/journal')).status).toBe(204);
    expect(await simulator.journal('')).toEqual([]);
  });

  test('delivers without making the caller wait', async () => {
    const webhook = await startReceiver();
    await simulator.control('PATCH', '/workspaces/1', { webhook: { url: webhook.url, verificationKey: 'k' } });
    const answer = await simulator.control('POST', '/workspaces/1/deliver?wait=false', { raw: {} });
    expect(answer).toEqual({ status: 202, body: { accepted: true } });
    await expect.poll(() => webhook.received.length).toBe(1);
    await webhook.close();
  });

  test('puts everything back, also what waits to be delivered', async () => {
    const webhook = await startReceiver();
    const wish = { message: { kind: 'text', text: 'um' } };
    await simulator.control('PUT', '/workspaces/2', { webhook: { url: webhook.url, verificationKey: 'k' } });
    await simulator.control('PATCH', '/workspaces/1', { webhook: { url: webhook.url, verificationKey: 'k' } });
    await simulator.postToBot(textRequest('/agent'));
    await expect.poll(() => webhook.received.length).toBe(2);
    await simulator.control('POST', '/workspaces/1/faults', { target: 'delivery', kind: 'out-of-order' });
    await simulator.control('POST', '/workspaces/1/faults', { target: 'bot-url', kind: 'hang', times: null });
    const held = simulator.control('POST', '/workspaces/1/deliver', wish);
    await expect
      .poll(async () => (await simulator.control('GET', '/workspaces/1/faults')).body)
      .toMatchObject({
        faults: [{ kind: 'hang' }],
      });
    expect((await simulator.control('POST', '/reset')).status).toBe(204);
    expect((await held).body).toEqual({ delivered: false, status: null, attempts: 0, sequences: [] });
    expect((await simulator.control('GET', '/workspaces')).body).toMatchObject({
      workspaces: [{ id: '1', webhook: null }],
    });
    expect(await simulator.journal('')).toEqual([]);
    await simulator.control('PATCH', '/workspaces/1', { webhook: { url: webhook.url, verificationKey: 'k' } });
    expect((await simulator.postToBot(textRequest('Oi'))).status).toBe(200);
    await expect.poll(() => webhook.received.length).toBe(3);
    expect(webhook.bodies()[2]).toMatchObject({ content: 'Você disse: Oi' });
    await webhook.close();
  });

  test('has probes and metrics on the same port', async () => {
    await simulator.postToBot(textRequest('Oi'));
    const get = async (path: string) => (await fetch(`${simulator.url}${path}`)).text();
    expect(await get('/livez')).toBe('ok\n');
    expect(await get('/readyz')).toBe('ok\n');
    expect(await get('/metrics')).toMatch(/bridge_simulator_requests_total\{.*endpoint="bot",outcome="accepted".*\} 1/);
  });
});
