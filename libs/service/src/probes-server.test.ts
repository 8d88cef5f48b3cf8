import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLocal } from './is-local.ts';
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
  local: ({ method, path }) => {
    if (path === '/broken') throw new Error('secret detail');
    return path === '/secrets' ? { status: 200, contentType: 'text/plain', body: `${method} of a secret` } : undefined;
  },
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

describe('what is for this machine only', () => {
  /** fetch would put its own Host. */
  const ask = async (headers: Record<string, string>, path = '/secrets'): Promise<number | undefined> => {
    const [response] = (await once(request(`${origin}${path}`, { headers }).end(), 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };

  test('is answered to this machine, whatever the method', async () => {
    expect(await (await fetch(`${origin}/secrets?x=1`)).text()).toBe('GET of a secret');
    expect(await (await fetch(`${origin}/secrets`, { method: 'DELETE' })).text()).toBe('DELETE of a secret');
    expect(await ask({ host: 'localhost:9080' })).toBe(200);
    expect(await ask({ host: '[::1]' })).toBe(200);
    expect(await ask({}, '/elsewhere')).toBe(404);
    expect(await ask({}, '/broken')).toBe(500);
  });

  test.each([
    ['asked by another name', { host: 'evil.example' }],
    ['asked by a name that begins as ours', { host: 'localhost.evil.example' }],
    ['forwarded', { 'x-forwarded-for': '10.0.0.7' }],
    ['forwarded, in the newer words', { forwarded: 'for=10.0.0.7' }],
    ['passed on', { via: '1.1 proxy' }],
  ])('is not there when it is %s', async (_how, headers) => {
    expect(await ask(headers)).toBe(404);
    expect(await ask(headers, '/livez')).toBe(200);
  });

  test.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['127.0.0.6', false],
    ['10.0.0.7', false],
    ['::ffff:10.0.0.7', false],
    [undefined, false],
  ])('from %s is of this machine: %s', (remoteAddress, local) => {
    const socket = remoteAddress === undefined ? {} : { remoteAddress };
    expect(isLocal({ socket, headers: { host: '127.0.0.1:9080' } })).toBe(local);
  });
});
