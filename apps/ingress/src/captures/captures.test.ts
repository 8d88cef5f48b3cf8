import { captureSchema } from '@bridge/schemas';
import { createMetrics } from '@bridge/telemetry';
import { defaultScheme } from '@bridge/signature';
import { afterEach, expect, test } from 'vitest';
import { createCaptureMetrics } from '../metrics.ts';
import { currentKey, signed, testConnection } from '../testing/test-connection.ts';
import { startIngress } from '../testing/test-ingress.ts';
import { createCaptureStore } from './capture-store.ts';
import { createCapturesEndpoint } from './captures-endpoint.ts';
import { createCapturer } from './create-capturer.ts';

type Mode = 'enforce' | 'monitor' | 'off';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** An ingress that captures for one connection, and what its probes' port says of captures. */
async function capturing({ mode = 'enforce', capture = 2 }: { mode?: Mode; capture?: number } = {}) {
  const store = createCaptureStore();
  const metrics = createMetrics('ingress');
  const { captured } = createCaptureMetrics(metrics, store.list);
  const ingress = await startIngress({
    connections: [testConnection({ signature: { ...defaultScheme, mode, capture } })],
    capture: createCapturer(store, captured),
  });
  stops.push(() => ingress.stop());
  const endpoint = createCapturesEndpoint(store);
  const ask = (path: string, method = 'GET') => {
    const answer = endpoint({ method, path });
    return answer && { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
  };
  return {
    ...ingress,
    store,
    ask,
    verdicts: () => store.list().map(({ verdict }) => verdict),
    metric: async (series: string) => (await metrics.render()).body.split('\n').find((line) => line.startsWith(series)),
  };
}

const body = JSON.stringify({ event: 'message_created', content: 'Olá, Ana ☕', conversation_id: 501 });

test('a request whose signature fits nothing is refused and kept, exact enough to verify it later', async () => {
  const ingress = await capturing();
  const path = '/webhooks/acme?token=t0p';
  const headers = { ...signed(body, 'another-key-of-theirs'), authorization: 'Bearer t0p', 'X-Twice': ['a', 'b'] };
  expect((await ingress.send({ path, headers, body })).status).toBe(401);
  const [capture] = ingress.store.list();
  expect(captureSchema.parse(capture)).toMatchObject({
    connection: 'acme',
    verdict: 'mismatch',
    words: ['event=message_created'],
    method: 'POST',
    path: '/webhooks/acme?token',
    sizeBytes: Buffer.byteLength(body),
    redacted: false,
  });
  expect(Buffer.from(capture?.bodyBase64 ?? '', 'base64').toString()).toBe(body);
  expect(capture?.headers).toEqual(
    expect.arrayContaining([
      ...Object.entries(signed(body, 'another-key-of-theirs')),
      ['X-Twice', 'a'],
      ['X-Twice', 'b'],
    ]),
  );
  expect(JSON.stringify(capture)).not.toContain('t0p');
});

test.each<[Mode, string[]]>([
  ['enforce', ['verified', 'missing', 'mismatch', 'not-json']],
  ['monitor', ['verified', 'missing', 'mismatch', 'not-json']],
  ['off', ['not-checked', 'not-checked', 'not-checked', 'not-json']],
])('in mode %s all that is no stranger to the connection is kept', async (mode, verdicts) => {
  const ingress = await capturing({ mode, capture: 4 });
  const json = { 'content-type': 'application/json' };
  await ingress.send({ body, headers: { ...json, ...signed(body) } });
  await ingress.send({ body, headers: json });
  await ingress.send({ body, headers: { ...json, ...signed(body, 'another-key-of-theirs') } });
  await ingress.send({ body: 'content=oi', headers: { ...json, ...signed('content=oi') } });
  expect(ingress.verdicts()).toEqual(verdicts);
});

test('of each shape no more are kept than asked for, and none when none are', async () => {
  const ingress = await capturing({ mode: 'monitor', capture: 2 });
  for (const content of ['a', 'b', 'c']) await ingress.send({ body: JSON.stringify({ content }) });
  await ingress.send({ body: JSON.stringify({ content: null }) });
  expect(ingress.store.list()).toHaveLength(3);
  expect(await ingress.metric('bridge_ingress_captured_total')).toBe(
    'bridge_ingress_captured_total{connection="acme"} 3',
  );
  const without = await capturing({ mode: 'monitor', capture: 0 });
  expect((await without.send({ body })).status).toBe(200);
  expect(without.store.list()).toEqual([]);
});

test('of a handshake the token is not kept, and one with a wrong token is not kept at all', async () => {
  const ingress = await capturing();
  const handshake = (token: string) =>
    new URLSearchParams({ hub_mode: 'subscribe', hub_verify_token: token, hub_challenge: 'c0ffee' }).toString();
  expect((await ingress.send({ body: handshake('a-key-we-do-not-know-yet') })).status).toBe(403);
  expect((await ingress.send({ body: handshake(currentKey) })).body).toBe('c0ffee');
  expect(ingress.verdicts()).toEqual(['handshake']);
  const [capture] = ingress.store.list();
  expect(Buffer.from(capture?.bodyBase64 ?? '', 'base64').toString()).toBe(
    'hub_mode=subscribe&hub_verify_token=***verification-key***&hub_challenge=c0ffee',
  );
  expect(capture?.redacted).toBe(true);
});

test('the endpoint lists without content, shows one whole, and deletes', async () => {
  const ingress = await capturing();
  await ingress.send({ body });
  await ingress.send({ body, headers: signed(body) });
  const [first, second] = ingress.store.list();
  const list = ingress.ask('/captures');
  expect(list?.body['captures']).toHaveLength(2);
  expect(JSON.stringify(list)).toContain('message_created');
  expect(JSON.stringify(list)).not.toContain(Buffer.from(body).toString('base64').slice(10, 40));
  expect(ingress.ask(`/captures/${first?.id}`)).toEqual({ status: 200, body: first });
  expect(ingress.ask('/captures/00000000')?.status).toBe(404);
  expect(ingress.ask('/captures/../metrics')).toBeUndefined();
  expect(ingress.ask('/captures', 'POST')).toBeUndefined();
  expect(await ingress.metric('bridge_ingress_captures{')).toBe('bridge_ingress_captures{connection="acme"} 2');

  expect(ingress.ask(`/captures/${first?.id}`, 'DELETE')?.body).toEqual({ deleted: 1 });
  expect(ingress.ask(`/captures/${first?.id}`, 'DELETE')?.status).toBe(404);
  expect(ingress.store.list()).toEqual([second]);
  expect(ingress.ask('/captures', 'DELETE')?.body).toEqual({ deleted: 1 });
  expect(ingress.ask('/captures')?.body).toEqual({ captures: [] });
  expect(await ingress.metric('bridge_ingress_captures{')).toBeUndefined();
});
