import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestSimulator, textRequest } from './testing/test-simulator.ts';
import { startReceiver } from './testing/webhook-receiver.ts';

let simulator: Awaited<ReturnType<typeof startTestSimulator>>;
let webhook: Awaited<ReturnType<typeof startReceiver>>;
beforeEach(async () => {
  simulator = await startTestSimulator();
  webhook = await startReceiver();
  const settings = { webhook: { url: webhook.url, verificationKey: 'k3y-so-nossa' } };
  await simulator.control('PATCH', '/workspaces/1', settings);
});
afterEach(async () => {
  await simulator.stop();
  await webhook.close();
});

const arm = (fault: object) => simulator.control('POST', '/workspaces/1/faults', { target: 'bot-url', ...fault });
const contents = () => webhook.bodies().map(({ content }) => content);
const sent = (count: number) => expect.poll(() => webhook.received.length).toBe(count);

describe('bot_url', () => {
  test('accepts a documented text, keeps it byte for byte in the journal, and the bot answers through the webhook', async () => {
    const body =
      '{"content":"Ol\\u00e1 \\/ é","message_type":"incoming","sender":{"id":"cliente-77","name":"Ana",' +
      '"email":"","phone_number":"","type":"contact"},"conversation_id":501,"event":"message_created"}';
    const answer = await simulator.postToBot(body);
    expect([answer.status, await answer.text()]).toEqual([200, '{"status":"ok"}']);
    await sent(1);
    expect(webhook.bodies()).toMatchObject([{ content: 'Você disse: Olá / é', conversation_id: 501 }]);
    const [received] = await simulator.journal('kind=received');
    expect(received).toMatchObject({
      workspace: '1',
      conversation: '501',
      method: 'POST',
      url: '/bot/demo',
      headers: { authorization: 'Bearer demo-flow-key', 'content-type': 'application/json' },
      body,
      status: 200,
      outcome: 'accepted',
    });
    expect((await simulator.journal('kind=sent&conversation=501'))[0]).toMatchObject({
      url: webhook.url,
      body: webhook.received[0]?.body.toString(),
      status: 200,
      outcome: 'delivered',
      attempt: 1,
      answer: '{"status":"ok"}',
    });
  });

  test('accepts a pressed button and an attachment', async () => {
    const button = {
      ...textRequest('Quero o A'),
      event: 'message_postback',
      submitted_values: [{ title: 'Quero o A', payload: 'PLANO_A' }],
    };
    const image = {
      ...textRequest(''),
      attachments: [{ file_type: 'image', data_url: 'https://media.example.com/foto.png' }],
    };
    expect((await simulator.postToBot(button)).status).toBe(200);
    expect((await simulator.postToBot(image)).status).toBe(200);
    await sent(2);
    expect(contents()).toEqual(['O Plano A é seu. Obrigado!', 'Recebi sua imagem: https://media.example.com/foto.png']);
  });

  test.each([
    ['a wrong key', textRequest('Oi'), { token: 'wrong' }, 401, 'bad-key'],
    ['a body that is no JSON', '{"content":', {}, 400, 'not-json'],
    ['a body that is no object', '[]', {}, 422, 'invalid'],
    ['a field too many', { ...textRequest('Oi'), extra: 1 }, {}, 422, 'invalid'],
    ['a missing sender', { ...textRequest('Oi'), sender: undefined }, {}, 422, 'invalid'],
    ['another message_type', { ...textRequest('Oi'), message_type: 'outgoing' }, {}, 422, 'invalid'],
    ['a postback without values', { ...textRequest('Oi'), event: 'message_postback' }, {}, 422, 'invalid'],
  ])('refuses %s with a message, and the bot is silent', async (_what, body, options, status, outcome) => {
    const answer = await simulator.postToBot(body, options);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ message: expect.stringMatching(/.+/) });
    expect(await simulator.journal('kind=received')).toMatchObject([{ status, outcome }]);
    await simulator.postToBot(textRequest('Tudo bem'));
    await sent(1);
    expect(contents()).toEqual(['Você disse: Tudo bem']);
  });

  test('says which field is wrong', async () => {
    const answer = await simulator.postToBot({ ...textRequest('Oi'), conversation_id: null });
    expect(await answer.json()).toEqual({ message: expect.stringContaining('conversation_id') });
  });

  test('refuses a body that does not call itself JSON', async () => {
    const headers = { authorization: 'Bearer demo-flow-key', 'content-type': 'text/plain' };
    const body = JSON.stringify(textRequest('Oi'));
    expect((await fetch(`${simulator.url}/bot/demo`, { method: 'POST', headers, body })).status).toBe(400);
  });

  test('does not know another code, nor another path', async () => {
    const headers = { authorization: 'Bearer demo-flow-key', 'content-type': 'application/json' };
    for (const path of ['/bot/other', '/nothing']) {
      const answer = await fetch(`${simulator.url}${path}`, { method: 'POST', headers, body: '{}' });
      expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not found.' }]);
    }
  });

  test('hands the conversation to an agent and back, each conversation for itself', async () => {
    for (const [content, conversation] of [
      ['/agent', 501],
      ['Oi', 501],
      ['Oi', 502],
      ['/bot', 501],
      ['Oi', 501],
    ] as const) {
      expect((await simulator.postToBot(textRequest(content, conversation))).status).toBe(200);
    }
    await sent(6);
    const authors = (conversation: number) =>
      webhook
        .bodies()
        .filter((body) => body['conversation_id'] === conversation)
        .map((body) => (body['sender'] as { type: string }).type);
    expect(authors(501)).toEqual(['agent_bot', 'user', 'user', 'agent_bot', 'agent_bot']);
    expect(authors(502)).toEqual(['agent_bot']);
  });

  test('accepts in silence when the bot is off', async () => {
    await simulator.control('PATCH', '/workspaces/1', { botAnswers: false });
    expect((await simulator.postToBot(textRequest('um'))).status).toBe(200);
    await simulator.control('PATCH', '/workspaces/1', { botAnswers: true });
    expect((await simulator.postToBot(textRequest('dois'))).status).toBe(200);
    await sent(1);
    expect(contents()).toEqual(['Você disse: dois']);
  });
});

describe('faults of bot_url', () => {
  test('answer a status as often as asked, with Retry-After, and the message is not taken', async () => {
    await arm({ kind: 'status', status: 429, retryAfter: 2, times: 2 });
    for (let count = 0; count < 2; count += 1) {
      const answer = await simulator.postToBot(textRequest('Oi'));
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2']);
    }
    expect((await simulator.postToBot(textRequest('Oi'))).status).toBe(200);
    await sent(1);
    const entries = await simulator.journal('kind=received');
    expect(entries.map(({ status, outcome, fault }) => [status, outcome, fault])).toEqual([
      [429, 'fault', 'status'],
      [429, 'fault', 'status'],
      [200, 'accepted', undefined],
    ]);
  });

  test('answer with the body of one’s choice', async () => {
    await arm({ kind: 'status', status: 200, body: { status: 'error' } });
    expect(await (await simulator.postToBot(textRequest('Oi'))).json()).toEqual({ status: 'error' });
  });

  test.each([
    ['before', false, []],
    ['after', true, ['Você disse: um']],
  ])('reset the connection %s the message is taken', async (_when, accepts, first) => {
    await arm({ kind: 'reset', accepts });
    await expect(simulator.postToBot(textRequest('um'))).rejects.toThrow('fetch failed');
    await simulator.postToBot(textRequest('dois'));
    await sent(first.length + 1);
    expect(contents()).toEqual([...first, 'Você disse: dois']);
    expect((await simulator.journal('kind=received'))[0]).toMatchObject({ status: null, fault: 'reset' });
  });

  test('never answer', async () => {
    await arm({ kind: 'hang' });
    await expect(simulator.postToBot(textRequest('um'), { signal: AbortSignal.timeout(100) })).rejects.toThrow(
      'timeout',
    );
    expect((await simulator.postToBot(textRequest('dois'))).status).toBe(200);
  });

  test('delay the answer, and only of the conversation they were asked for', async () => {
    await arm({ kind: 'latency', latencyMs: 1_000, conversation: 501 });
    const order: number[] = [];
    await Promise.all(
      [501, 502].map(async (conversation) => {
        const { status } = await simulator.postToBot(textRequest('Oi', conversation));
        expect(status).toBe(200);
        order.push(conversation);
      }),
    );
    expect(order).toEqual([502, 501]);
  });
});
