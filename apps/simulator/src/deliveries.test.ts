import { createHmac } from 'node:crypto';
import { normalizeWebhook, webhookPayloadSchemas } from '@bridge/schemas';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestSimulator, textRequest } from './testing/test-simulator.ts';
import { startReceiver, type Received } from './testing/webhook-receiver.ts';

const key = 'k3y-so-nossa';
let simulator: Awaited<ReturnType<typeof startTestSimulator>>;
let webhook: Awaited<ReturnType<typeof startReceiver>>;
beforeEach(async () => {
  simulator = await startTestSimulator();
  webhook = await startReceiver();
  await set({ webhook: { url: webhook.url, verificationKey: key } });
});
afterEach(async () => {
  await simulator.stop();
  await webhook.close();
});

const set = async (settings: object) =>
  expect((await simulator.control('PATCH', '/workspaces/1', settings)).status).toBe(200);
const arm = async (fault: object) =>
  expect((await simulator.control('POST', '/workspaces/1/faults', { target: 'delivery', ...fault })).status).toBe(201);
const deliver = async (wish: object, query = '') =>
  (await simulator.control('POST', `/workspaces/1/deliver${query}`, wish)).body;
const say = (text: string, more: object = {}) => deliver({ message: { kind: 'text', text }, ...more });
const contents = () => webhook.bodies().map(({ content }) => content);

/** Made without the code under test. */
const hmac = (
  body: Buffer | string,
  {
    algorithm = 'sha256',
    secret = key,
    encoding = 'hex',
  }: Partial<Record<'algorithm' | 'secret', string>> & { encoding?: 'hex' | 'base64' } = {},
) => createHmac(algorithm, secret).update(body).digest(encoding);

describe('a delivery', () => {
  const kinds = ['text', 'buttons', 'cards', 'image', 'audio', 'video', 'file'] as const;
  const shapes = ['chatwoot', 'messenger', 'uchat'] as const;
  test.each(shapes)('carries each of the seven kinds, readable and signed, in the shape %s', async (shape) => {
    await set({ shape });
    await simulator.postToBot(textRequest('/all'));
    await expect.poll(() => webhook.received.length).toBe(7);
    const bodies = webhook.bodies();
    expect(bodies.flatMap((body) => normalizeWebhook(body).events).map(({ message }) => message.kind)).toEqual(kinds);
    for (const [index, kind] of kinds.entries()) {
      const fits = shapes.filter((one) => webhookPayloadSchemas[one][kind].safeParse(bodies[index]).success);
      expect(fits).toEqual([shape]);
    }
    for (const { body, headers } of webhook.received) {
      expect(headers['content-type']).toBe('application/json');
      expect(headers['x-hub-signature-256']).toBe(`sha256=${hmac(body)}`);
    }
  });

  test('takes another shape when it was asked for with one', async () => {
    await say('um', { shape: 'messenger' });
    await say('dois');
    expect(webhook.bodies()).toMatchObject([{ message: { text: 'um' } }, { content: 'dois' }]);
  });

  test('is signed by another scheme', async () => {
    await set({
      signature: { headers: ['Signature'], algorithm: 'sha1', encoding: 'base64', prefix: '' },
      json: 'php',
    });
    await say('São Paulo: https://example.com/ 🚀');
    const [{ body, headers }] = webhook.received as [Received];
    expect(headers['signature']).toBe(hmac(body, { algorithm: 'sha1', encoding: 'base64' }));
    expect(body.toString()).toContain(String.raw`S\u00e3o Paulo: https:\/\/example.com\/ \ud83d\ude80`);
    expect(contents()).toEqual(['São Paulo: https://example.com/ 🚀']);
  });

  test('is signed with its time', async () => {
    await set({ signature: { signedContent: 'timestamp.body', timestampHeader: 'x-when' } });
    await say('Oi');
    const [{ body, headers }] = webhook.received as [Received];
    expect(headers['x-when']).toMatch(/^\d{10}$/);
    expect(headers['x-hub-signature-256']).toBe(`sha256=${hmac(`${String(headers['x-when'])}.${body.toString()}`)}`);
  });

  test('of an agent says so', async () => {
    expect(
      await say('Aqui é a Marina', { author: 'agent', conversationId: 501, contactId: 'cliente-77' }),
    ).toMatchObject({ delivered: true, status: 200, attempts: 1 });
    expect(normalizeWebhook(webhook.bodies()[0])).toMatchObject({
      events: [{ author: { kind: 'agent' }, conversation: { id: '501' }, contact: { id: 'cliente-77' } }],
    });
  });

  test('is any JSON or any text that was asked for', async () => {
    await deliver({ raw: { any: ['thing', 1] } });
    await deliver({ rawText: '{ "id": 9007199254740993 }', contentType: 'text/plain', signature: 'none' });
    await deliver({ rawText: 'not JSON', signature: 'forged' });
    const [any, exact, forged] = webhook.received as [Received, Received, Received];
    expect(any.body.toString()).toBe('{"any":["thing",1]}');
    expect(any.headers['x-hub-signature-256']).toBe(`sha256=${hmac(any.body)}`);
    expect(exact.body.toString()).toBe('{ "id": 9007199254740993 }');
    expect(exact.headers).toMatchObject({ 'content-type': 'text/plain' });
    expect(exact.headers['x-hub-signature-256']).toBeUndefined();
    expect(forged.headers['x-hub-signature-256']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(forged.headers['x-hub-signature-256']).not.toBe(`sha256=${hmac(forged.body)}`);
  });

  test('that cannot be written as HTTP fails alone', async () => {
    expect(await deliver({ rawText: '{}', contentType: 'a\nb' })).toMatchObject({ delivered: false, status: null });
    expect(await say('Oi')).toMatchObject({ delivered: true });
  });

  test('without a webhook is counted as failed', async () => {
    await set({ webhook: null });
    expect(await say('Oi')).toMatchObject({ delivered: false, status: null });
    expect(await simulator.journal('kind=sent')).toMatchObject([{ outcome: 'no-webhook', status: null }]);
  });
});

describe('an answer other than 200', () => {
  const refuseFirst = async (count: number) => {
    let refused = 0;
    const strict = await startReceiver(() => {
      refused += 1;
      return refused <= count ? { status: 503, body: 'later' } : { status: 200, body: '' };
    });
    await set({ webhook: { url: strict.url, verificationKey: key } });
    return strict;
  };

  test('fails the delivery, which is not repeated', async () => {
    const strict = await refuseFirst(1);
    expect(await say('um')).toMatchObject({ delivered: false, status: 503, attempts: 1 });
    expect(await say('dois')).toMatchObject({ delivered: true });
    expect(strict.bodies().map(({ content }) => content)).toEqual(['um', 'dois']);
    expect(await simulator.journal('kind=sent')).toMatchObject([
      { status: 503, outcome: 'refused', answer: 'later' },
      { status: 200, outcome: 'delivered' },
    ]);
    await strict.close();
  });

  test('makes it repeat the same bytes before the next one where retries are set', async () => {
    const strict = await refuseFirst(2);
    await set({ delivery: { retries: 2, retryDelayMs: 5 } });
    const [first] = await Promise.all([say('um'), say('dois')]);
    expect(first).toMatchObject({ delivered: true, status: 200, attempts: 3, sequences: [1, 2, 3] });
    expect(strict.bodies().map(({ content }) => content)).toEqual(['um', 'um', 'um', 'dois']);
    expect(new Set(strict.received.slice(0, 3).map(({ body }) => body.toString())).size).toBe(1);
    await strict.close();
  });

  test('is no answer at all after the timeout', async () => {
    const silent = await startReceiver(() => new Promise(() => {}));
    await set({ webhook: { url: silent.url, verificationKey: key }, delivery: { timeoutMs: 50 } });
    expect(await say('um')).toMatchObject({ delivered: false, status: null });
    expect(await simulator.journal('kind=sent')).toMatchObject([
      { outcome: 'failed', detail: 'no answer within 50 ms' },
    ]);
    await silent.close();
  });
});

describe('order', () => {
  test('is kept in each conversation, and a slow one holds up no other', async () => {
    const others = Promise.withResolvers<void>();
    const slow = await startReceiver(async ({ body }) => {
      if (body.includes('"2c"')) others.resolve();
      if (body.includes('"1a"')) await others.promise;
      return { status: 200, body: '' };
    });
    await set({ webhook: { url: slow.url, verificationKey: key }, delivery: { timeoutMs: 60_000 } });
    await Promise.all(['1a', '1b', '1c', '2a', '2b', '2c'].map((text) => say(text, { conversationId: text[0] })));
    const texts = slow.bodies().map(({ content }) => String(content));
    expect(texts.filter((text) => text.startsWith('1'))).toEqual(['1a', '1b', '1c']);
    expect(texts.filter((text) => text.startsWith('2'))).toEqual(['2a', '2b', '2c']);
    await slow.close();
  });
});

describe('faults of deliveries', () => {
  test('delay a message, and what follows in its conversation', async () => {
    await arm({ kind: 'latency', latencyMs: 1_000, conversation: 1 });
    await Promise.all(['1a', '1b', '2a'].map((text) => say(text, { conversationId: text[0] })));
    expect(contents()).toEqual(['2a', '1a', '1b']);
  });

  test('send the same bytes more than once', async () => {
    await arm({ kind: 'duplicate', copies: 3 });
    expect(await say('um')).toMatchObject({ delivered: true, sequences: [1, 2, 3] });
    await say('dois');
    expect(contents()).toEqual(['um', 'um', 'um', 'dois']);
    expect(new Set(webhook.received.slice(0, 3).map(({ body }) => body.toString())).size).toBe(1);
    expect((await simulator.journal('kind=sent')).map(({ copy }) => copy)).toEqual([1, 2, 3, 1]);
  });

  test('let later messages overtake', async () => {
    await arm({ kind: 'out-of-order', times: 2, holdMs: 60_000 });
    await Promise.all(['um', 'dois', 'três'].map((text) => say(text)));
    expect(contents()).toEqual(['três', 'dois', 'um']);
  });

  test('hold a message no longer than asked when nothing overtakes it', async () => {
    await arm({ kind: 'out-of-order', holdMs: 20 });
    expect(await say('um')).toMatchObject({ delivered: true });
    expect(contents()).toEqual(['um']);
  });

  test('leave the signature out or forge it', async () => {
    await arm({ kind: 'unsigned' });
    await arm({ kind: 'forged' });
    for (const text of ['um', 'dois', 'três']) await say(text);
    const [unsigned, forged, good] = webhook.received as [Received, Received, Received];
    expect(unsigned.headers['x-hub-signature-256']).toBeUndefined();
    expect(forged.headers['x-hub-signature-256']).toBe(`sha256=${hmac(forged.body, { secret: `not-${key}` })}`);
    expect(good.headers['x-hub-signature-256']).toBe(`sha256=${hmac(good.body)}`);
  });

  test('cut a message off in the middle', async () => {
    await arm({ kind: 'truncated' });
    expect(await say('um')).toMatchObject({ delivered: false, status: null });
    await expect.poll(() => webhook.aborted.length).toBe(1);
    await say('dois');
    expect(contents()).toEqual(['dois']);
    expect((await simulator.journal('kind=sent'))[0]).toMatchObject({ outcome: 'failed', fault: 'truncated' });
  });

  test('hang up before the answer, so that a retry is a repeat', async () => {
    await arm({ kind: 'hang-up' });
    await set({ delivery: { retries: 1, retryDelayMs: 50 } });
    expect(await say('um')).toMatchObject({ delivered: true, attempts: 2 });
    expect(contents()).toEqual(['um', 'um']);
  });
});
