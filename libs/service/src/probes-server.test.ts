import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Complaint } from './lifecycle.ts';
import { listen } from './listen.ts';
import { createProbesServer, type Probes } from './probes-server.ts';

let notReady: Complaint[] = [];
let notAlive: Complaint[] = [];
let notes: Complaint[] = [];
let metrics: Probes['metrics'];
const server = createProbesServer({
  notReady: () => notReady,
  notAlive: () => notAlive,
  notes: () => notes,
  metrics: () => metrics(),
});
let origin = '';

beforeEach(async () => {
  notReady = [];
  notAlive = [];
  notes = [];
  metrics = async () => ({ contentType: 'text/plain; version=0.0.4', body: 'bridge_build_info 1\n' });
  origin = `http://127.0.0.1:${await listen(server, { host: '127.0.0.1', port: 0, variable: 'NONE' })}`;
});
afterEach(() => {
  server.close().closeAllConnections();
});

test.each([
  ['GET', '/livez', 200],
  ['HEAD', '/livez', 200],
  ['GET', '/readyz?verbose', 200],
  ['HEAD', '/readyz', 200],
  ['GET', '/metrics', 200],
  ['HEAD', '/metrics', 200],
  ['POST', '/readyz', 405],
  ['DELETE', '/metrics', 405],
  ['GET', '/', 404],
  ['GET', '/livez/', 404],
  ['POST', '/elsewhere', 404],
])('%s %s answers %i', async (method, path, status) => {
  const response = await fetch(origin + path, { method });
  expect(response.status).toBe(status);
  expect(response.headers.get('allow')).toBe(status === 405 ? 'GET, HEAD' : null);
  if (status !== 200) {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ type: 'about:blank', status });
  }
});

test('HEAD tells the length of what GET answers, and nothing else', async () => {
  const [get, head] = await Promise.all([fetch(`${origin}/metrics`), fetch(`${origin}/metrics`, { method: 'HEAD' })]);
  expect(await get.text()).toBe('bridge_build_info 1\n');
  expect(await head.text()).toBe('');
  expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
});

test('the metrics come with the media type of their format', async () => {
  expect((await fetch(`${origin}/metrics`)).headers.get('content-type')).toBe('text/plain; version=0.0.4');
});

test('metrics that fail are a 500 without the reason', async () => {
  metrics = () => Promise.reject(new Error('secret detail'));
  const response = await fetch(`${origin}/metrics`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
});

test('each part that is not ready is named with its reason', async () => {
  notReady = [{ part: 'publisher', reason: 'no broker' }];
  const response = await fetch(`${origin}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'unavailable',
    parts: [{ part: 'publisher', reason: 'no broker' }],
  });
  expect((await fetch(`${origin}/livez`)).status).toBe(200);
});

test('a part that is not alive fails the liveness alone', async () => {
  notAlive = [{ part: 'consumer', reason: 'no progress' }];
  expect((await fetch(`${origin}/livez`)).status).toBe(503);
  expect((await fetch(`${origin}/readyz`)).status).toBe(200);
});

test('what is to be known of a part is told, and leaves it ready', async () => {
  notes = [{ part: 'bridge.yaml', reason: 'is refused' }];
  const ready = await fetch(`${origin}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ status: 'ok', notes });
  notReady = [{ part: 'publisher', reason: 'no broker' }];
  expect(await (await fetch(`${origin}/readyz`)).json()).toEqual({ status: 'unavailable', parts: notReady, notes });
});
