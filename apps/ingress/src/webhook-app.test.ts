import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { PublishError } from '@bridge/kafka';
import { defaultScheme } from '@bridge/signature';
import { afterEach, describe, expect, test } from 'vitest';
import { currentKey, signed, testConnection } from './testing/test-connection.ts';
import { startIngress } from './testing/test-ingress.ts';

const message = '{"content":"segredo do cliente","conversation_id":501,"recipient":{"id":"5511987654321"}}';
const challenge = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const handshakeQuery = (token = currentKey, echo = challenge) =>
  new URLSearchParams({ hub_mode: 'subscribe', hub_verify_token: token, hub_challenge: echo }).toString();

type Ingress = Awaited<ReturnType<typeof startIngress>>;
const running: Ingress[] = [];
async function start(options?: Parameters<typeof startIngress>[0]): Promise<Ingress> {
  const ingress = await startIngress(options);
  running.push(ingress);
  return ingress;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (ingress) => ingress.stop()));
});

describe('a webhook', () => {
  test('that is signed is stored and answered 200', async () => {
    const ingress = await start();
    const reply = await ingress.send({ body: message, headers: signed(message) });
    expect(reply).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': '15',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(reply.headers).not.toHaveProperty('x-powered-by');
    expect(reply.headers).not.toHaveProperty('etag');
    expect(ingress.stored.map(({ key, topic }) => [topic, key])).toEqual([['inbound-events', 'acme/501']]);
  });

  test('is answered only after it is stored', async () => {
    const storing = Promise.withResolvers<void>();
    const stored = Promise.withResolvers<void>();
    const ingress = await start({
      store: () => {
        storing.resolve();
        return stored.promise;
      },
    });
    let answered = false;
    const reply = ingress.send({ body: message, headers: signed(message) }).finally(() => (answered = true));
    await storing.promise;
    await ingress.send({ method: 'GET' });
    expect(answered).toBe(false);
    stored.resolve();
    expect((await reply).status).toBe(200);
  });

  test.each([
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'no type',
    '',
  ])('is read whatever it calls itself (%s)', async (type) => {
    const ingress = await start();
    const reply = await ingress.send({ body: message, headers: { ...signed(message), 'content-type': type } });
    expect(reply.status).toBe(200);
    expect(ingress.stored).toHaveLength(1);
  });

  test('may come in chunks, without a length', async () => {
    const ingress = await start();
    const headers = { ...signed(message), 'transfer-encoding': 'chunked' };
    expect((await ingress.send({ body: message, headers })).status).toBe(200);
    expect(ingress.stored).toHaveLength(1);
  });

  test('passes its traceparent on, and gets one otherwise', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const ingress = await start();
    await ingress.send({ body: message, headers: { ...signed(message), traceparent } });
    await ingress.send({ body: message, headers: signed(message) });
    expect(ingress.stored[0]?.headers['traceparent']).toBe(traceparent);
    expect(ingress.stored[1]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  test('of echoes only is answered 200, counted, and stores nothing', async () => {
    const ingress = await start({ store: () => Promise.reject(new Error('nothing is to be stored')) });
    const echo = '[{"content":"oi","message_type":"incoming"},{"content":"oi","message_type":0}]';
    expect(await ingress.send({ body: echo, headers: signed(echo) })).toMatchObject({
      status: 200,
      body: '{"status":"ok"}',
    });
    expect(await ingress.metric('bridge_webhook_echoes_total{connection="acme"}')).toBe(2);
    expect(await ingress.metric('bridge_webhooks_total{connection="acme",outcome="nothing-to-publish"}')).toBe(1);
  });
});

describe('what is no webhook of ours', () => {
  test.each<[string, number, Parameters<Ingress['send']>[0], string]>([
    ['another path', 404, { path: '/' }, 'unknown-path'],
    ['a path below', 404, { path: '/webhooks/acme/more' }, 'unknown-path'],
    ['the path without a connection', 404, { path: '/webhooks/' }, 'unknown-path'],
    ['a path that cannot be decoded', 404, { path: '/webhooks/%zz' }, 'unknown-path'],
    ['another case', 404, { path: '/Webhooks/acme' }, 'unknown-path'],
    ['another connection', 404, { path: '/webhooks/other' }, 'unknown-connection'],
    ['a connection named as an object has members', 404, { path: '/webhooks/__proto__' }, 'unknown-connection'],
    ['another connection, by GET', 404, { path: '/webhooks/other', method: 'GET' }, 'unknown-connection'],
    ['GET without a handshake', 405, { method: 'GET' }, 'method-not-allowed'],
    ['HEAD', 405, { method: 'HEAD' }, 'method-not-allowed'],
    ['PUT', 405, { method: 'PUT' }, 'method-not-allowed'],
    ['DELETE', 405, { method: 'DELETE' }, 'method-not-allowed'],
    ['OPTIONS', 405, { method: 'OPTIONS' }, 'method-not-allowed'],
    ['no signature', 401, {}, 'signature-missing'],
    [
      'a name given twice in the query',
      401,
      { path: `/webhooks/acme?${handshakeQuery()}&hub_mode=subscribe` },
      'signature-missing',
    ],
    [
      'brackets in the query',
      401,
      { path: '/webhooks/acme?hub_mode[a]=subscribe&__proto__[b]=c' },
      'signature-missing',
    ],
    ['a compressed body', 415, { headers: { 'content-encoding': 'gzip' } }, 'encoding-unsupported'],
  ])('%s is answered %i', async (_name, status, sent, outcome) => {
    const ingress = await start();
    const body = sent?.method === 'GET' || sent?.method === 'HEAD' ? undefined : message;
    const reply = await ingress.send({ ...(body && { body }), ...sent });
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    if (sent?.method !== 'HEAD') expect(JSON.parse(reply.body)).toMatchObject({ status, outcome });
    if (status === 405) expect(reply.headers.allow).toBe('POST');
    const connection = status === 404 ? 'unknown' : 'acme';
    expect(await ingress.metric(`bridge_webhooks_total{connection="${connection}",outcome="${outcome}"}`)).toBe(1);
    expect(ingress.stored).toEqual([]);
    // Control: the same server takes what is right.
    expect((await ingress.send({ body: message, headers: signed(message) })).status).toBe(200);
  });

  test('Content-Encoding identity changes nothing', async () => {
    const ingress = await start();
    const headers = { ...signed(message), 'content-encoding': 'identity' };
    expect((await ingress.send({ body: message, headers })).status).toBe(200);
  });
});

describe('the size of a body', () => {
  test.each([
    ['with its length', {}],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('above the limit is answered 413 (%s), at the limit not', async (_name, extra) => {
    const ingress = await start({ bodyLimitBytes: 1_000 });
    const sized = (bytes: number) => JSON.stringify({ content: 'x'.repeat(bytes - '{"content":""}'.length) });
    const post = (body: string) => ingress.send({ body, headers: { ...signed(body), ...extra } });
    const reply = await post(sized(1_001));
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.body)).toMatchObject({ outcome: 'body-too-large' });
    expect(ingress.stored).toEqual([]);
    expect((await post(sized(1_000))).status).toBe(200);
    expect(ingress.stored).toHaveLength(1);
  });

  test.each([
    ['that is announced', { 'content-length': 2_000 }, 'x'],
    ['that came', {}, 'x'.repeat(2_000)],
  ])('above the limit, %s, is answered before the sender has sent it all', async (_name, headers, begin) => {
    const ingress = await start({ bodyLimitBytes: 1_000 });
    const to = { host: '127.0.0.1', port: ingress.port, path: '/webhooks/acme', method: 'POST', headers };
    const request = httpRequest(to);
    request.on('error', () => undefined);
    request.write(begin);
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  test('that is less than announced is no request, and the server goes on', async () => {
    const ingress = await start();
    const head = `POST /webhooks/acme HTTP/1.1\r\nhost: a\r\ncontent-length: ${message.length + 1}\r\n`;
    const signature = signed(message)['x-hub-signature-256'];
    await ingress.raw(`${head}x-hub-signature-256: ${signature}\r\n\r\n${message}`);
    expect(await ingress.metric('bridge_webhooks_total{connection="acme",outcome="body-incomplete"}')).toBe(1);
    expect(ingress.stored).toEqual([]);
    expect((await ingress.send({ body: message, headers: signed(message) })).status).toBe(200);
  });

  test('that is more than announced does not count as signed', async () => {
    const ingress = await start();
    const head = `POST /webhooks/acme HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${message.length - 1}\r\n`;
    const reply = await ingress.raw(
      `${head}x-hub-signature-256: ${signed(message)['x-hub-signature-256']}\r\n\r\n${message}`,
    );
    expect(reply).toMatch(/^HTTP\/1\.1 40[01] /);
    expect(ingress.stored).toEqual([]);
  });
});

describe('the handshake', () => {
  test.each<[string, Parameters<Ingress['send']>[0]]>([
    ['by GET', { method: 'GET', path: `/webhooks/acme?${handshakeQuery()}` }],
    ['in the query of a POST', { path: `/webhooks/acme?${handshakeQuery()}` }],
    ['with dots', { path: `/webhooks/acme?${handshakeQuery().replaceAll('hub_', 'hub.')}` }],
    ['as a form', { body: handshakeQuery(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['as a form that calls itself JSON', { body: handshakeQuery(), headers: { 'content-type': 'application/json' } }],
    ['as JSON', { body: JSON.stringify(Object.fromEntries(new URLSearchParams(handshakeQuery()))) }],
  ])('%s is answered with the challenge alone', async (_name, sent) => {
    const ingress = await start();
    const reply = await ingress.send(sent);
    expect(reply).toMatchObject({ status: 200, body: challenge });
    expect(reply.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '32',
      'x-content-type-options': 'nosniff',
    });
  });

  test('with a wrong token is answered 403, empty', async () => {
    const ingress = await start();
    const reply = await ingress.send({ path: `/webhooks/acme?${handshakeQuery('wrong-verification-key')}` });
    expect(reply).toMatchObject({ status: 403, body: '' });
    expect(reply.headers['content-length']).toBe('0');
  });

  test('with an unsafe challenge is answered 400, which does not repeat it', async () => {
    const ingress = await start();
    const reply = await ingress.send({ path: `/webhooks/acme?${handshakeQuery(currentKey, '<é>')}` });
    expect(reply.status).toBe(400);
    expect(reply.body).not.toContain('é');
  });

  test('is answered 429 to a sender whose tokens are wrong too often, and to no other', async () => {
    const other = testConnection({ id: 'other' });
    const ingress = await start({
      handshakeBurst: 2,
      connections: [testConnection(), other],
      trustedProxies: ['127.0.0.1'],
    });
    const handshake = async (id: string, address: string, token?: string) => {
      const headers = { 'x-forwarded-for': address };
      return (await ingress.send({ method: 'GET', path: `/webhooks/${id}?${handshakeQuery(token)}`, headers })).status;
    };
    expect(await handshake('acme', '192.0.2.1', 'wrong')).toBe(403);
    expect(await handshake('acme', '192.0.2.1')).toBe(200);
    expect(await handshake('acme', '192.0.2.1', 'wrong')).toBe(403);
    expect(await handshake('acme', '192.0.2.1', 'wrong')).toBe(429);
    expect(await handshake('acme', '192.0.2.1')).toBe(429);
    expect(await handshake('acme', '192.0.2.2')).toBe(200);
    expect(await handshake('other', '192.0.2.1')).toBe(200);
  });

  test('believes no X-Forwarded-For unless told', async () => {
    const ingress = await start({ handshakeBurst: 1 });
    const handshake = async (address: string) => {
      const headers = { 'x-forwarded-for': address };
      return (await ingress.send({ method: 'GET', path: `/webhooks/acme?${handshakeQuery('wrong')}`, headers })).status;
    };
    expect(await handshake('192.0.2.1')).toBe(403);
    expect(await handshake('192.0.2.2')).toBe(429);
  });
});

describe('when the events cannot be stored', () => {
  test.each([
    ['unavailable', 503, 'broker-unavailable'],
    ['timeout', 503, 'broker-timeout'],
    ['overloaded', 503, 'overloaded'],
    ['too-large', 413, 'event-too-large'],
  ] as const)('because of %s, the answer is %i', async (kind, status, outcome) => {
    const ingress = await start({ store: () => Promise.reject(new PublishError(kind, 'for the test')) });
    const reply = await ingress.send({ body: message, headers: signed(message) });
    expect(reply.status).toBe(status);
    expect(reply.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
    expect(JSON.parse(reply.body)).toMatchObject({ outcome });
    expect(await ingress.metric('bridge_inbound_events_total{connection="acme",kind="text"}')).toBe(0);
  });

  test('because of an error that nobody foresaw, the answer is 500 and the log has the error', async () => {
    const error = new Error('unforeseen');
    const ingress = await start({ store: () => Promise.reject(error) });
    const reply = await ingress.send({ body: message, headers: signed(message) });
    expect(JSON.parse(reply.body)).toMatchObject({ status: 500, outcome: 'internal-error' });
    expect(reply.body).not.toContain('unforeseen');
    expect(ingress.lines[0]).toMatchObject({ level: 'error', fields: { err: error } });
  });

  test('the store is told until when', async () => {
    let deadline = new Date(0);
    const before = Date.now();
    const ingress = await start({
      publishTimeoutMs: 60_000,
      store: async (_records, given) => void ({ deadline } = given),
    });
    await ingress.send({ body: message, headers: signed(message) });
    expect(deadline.getTime()).toBeGreaterThanOrEqual(before + 60_000);
    expect(deadline.getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
  });
});

describe('modes', () => {
  const inMode = (mode: 'monitor' | 'off') => testConnection({ signature: { ...defaultScheme, mode, capture: 0 } });
  const verifiedOf = (ingress: Ingress) => ingress.stored.map(({ value }) => JSON.parse(String(value)).verified);

  test('monitor stores what is not signed as unverified, and counts it', async () => {
    const ingress = await start({ connections: [inMode('monitor')] });
    expect((await ingress.send({ body: message })).status).toBe(200);
    expect((await ingress.send({ body: message, headers: signed(message) })).status).toBe(200);
    expect(verifiedOf(ingress)).toEqual([false, true]);
    expect(await ingress.metric('bridge_webhook_unverified_total{connection="acme",reason="missing"}')).toBe(1);
    const [unsigned, proved] = ingress.lines;
    expect(unsigned?.fields).toMatchObject({ signature: 'missing', headerNames: expect.arrayContaining(['host']) });
    expect(proved?.fields).toMatchObject({ signature: 'verified', header: 'x-hub-signature-256', keyIndex: 0 });
  });

  test('off never says verified', async () => {
    const ingress = await start({ connections: [inMode('off')] });
    expect((await ingress.send({ body: message, headers: signed(message) })).status).toBe(200);
    expect(verifiedOf(ingress)).toEqual([false]);
    expect(await ingress.metric('bridge_webhook_unverified_total{connection="acme",reason="not-checked"}')).toBe(1);
  });
});

describe('reports', () => {
  test('one line an outcome, with ids and counts: what is accepted and verified for debug', async () => {
    const ingress = await start();
    await ingress.send({ body: message, headers: signed(message) });
    const id = JSON.parse(String(ingress.stored[0]?.value)).id;
    expect(ingress.lines).toEqual([
      {
        level: 'debug',
        message: 'webhook answered',
        fields: {
          connection: 'acme',
          outcome: 'accepted',
          status: 200,
          receipt: id.replace(/-0$/, ''),
          trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          events: 1,
          echoes: 0,
          bytes: message.length,
          signature: 'verified',
          header: 'x-hub-signature-256',
          keyIndex: 0,
          durationMs: expect.any(Number),
        },
      },
    ]);
  });

  test('what is refused, or accepted and not verified, is told of without debug', async () => {
    const monitored = testConnection({ signature: { ...defaultScheme, mode: 'monitor', capture: 0 } });
    const ingress = await start({ connections: [monitored] });
    await ingress.send({ body: message, headers: {} });
    await ingress.send({ body: 'no JSON', headers: signed('no JSON') });
    expect(ingress.lines).toMatchObject([
      { level: 'info', fields: { connection: 'acme', outcome: 'accepted', signature: 'missing' } },
      { level: 'info', fields: { connection: 'acme', outcome: 'not-json', status: 400 } },
    ]);
  });

  test('no line holds a key, a token, a challenge, a query, a body, a contact or an unknown path', async () => {
    const ingress = await start({
      connections: [testConnection({ signature: { ...defaultScheme, mode: 'monitor', capture: 0 } })],
    });
    await ingress.send({ path: `/webhooks/acme?${handshakeQuery()}` });
    await ingress.send({ path: `/webhooks/acme?${handshakeQuery('wrong-verification-key')}` });
    await ingress.send({ body: handshakeQuery() });
    await ingress.send({ body: message, headers: { ...signed(message), authorization: 'Bearer segredo' } });
    await ingress.send({ body: message, headers: { 'x-signature': 'abcdef0123' } });
    await ingress.send({ path: '/secret-path/9f3c0a' });
    await ingress.send({ path: '/webhooks/secret-connection' });
    const written = JSON.stringify(ingress.lines);
    expect(ingress.lines).toHaveLength(7);
    const signature = signed(message)['x-hub-signature-256']?.slice(7) ?? '';
    const secrets = [currentKey, 'wrong-verification-key', challenge, 'segredo', '5511987654321', signature];
    for (const secret of [...secrets, 'abcdef0123', '9f3c0a', 'secret-connection', 'subscribe']) {
      expect(written).not.toContain(secret);
    }
  });

  test('connections beyond their number are counted', async () => {
    const ingress = await start({ maxConnections: 1 });
    const kept = connect(ingress.port, '127.0.0.1');
    await once(kept, 'connect');
    await expect(ingress.send()).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await ingress.metric('bridge_ingress_refused_connections_total')).toBe(1);
    kept.destroy();
  });

  test('what is measured of an accepted webhook', async () => {
    const ingress = await start();
    const several = '[{"content":"a"},{"attachments":[{"file_type":"image","data_url":"https://ex.br/a.png"}]}]';
    await ingress.send({ body: several, headers: signed(several) });
    const values = await Promise.all(
      [
        'bridge_webhooks_total{connection="acme",outcome="accepted"}',
        'bridge_webhook_duration_seconds_count{connection="acme"}',
        'bridge_webhook_body_bytes_count{connection="acme"}',
        'bridge_inbound_events_total{connection="acme",kind="text"}',
        'bridge_inbound_events_total{connection="acme",kind="image"}',
      ].map(ingress.metric),
    );
    expect(values).toEqual([1, 1, 1, 1, 1]);
    expect(await ingress.metric('bridge_webhook_body_bytes_sum{connection="acme"}')).toBe(several.length);
  });
});
